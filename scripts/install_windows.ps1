<#
.SYNOPSIS
Installs and builds Holdfast on Windows: checks Node and npm, installs the packages of this folder, builds.
.DESCRIPTION
Writes nothing outside of this folder, unless -Service asks for the Windows service as well: that needs a terminal that was
started as administrator. Works in Windows PowerShell 5.1 and in PowerShell 7.
.PARAMETER Service
Installs and starts the service, with the profile of $env:PROFILE, or user.
#>
[CmdletBinding()]
param(
    [switch]$Service
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Root = Split-Path -Parent $PSScriptRoot

function Find-Program([string]$Name, [string]$Advice) {
    $found = @(Get-Command -Name $Name -CommandType Application -ErrorAction SilentlyContinue)
    if ($found.Count -eq 0) { throw "$Name is missing: $Advice" }
    $found[0].Path
}

function Invoke-Program([string]$Program, [string[]]$Arguments) {
    & $Program $Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program $($Arguments -join ' ') ended with $LASTEXITCODE" }
}

try {
    $Node = Find-Program 'node.exe' 'install Node 20.19 or newer'
    $Npm = Find-Program 'npm.cmd' 'it comes with Node'
    Push-Location -LiteralPath $Root
    try {
        Invoke-Program $Node @('tools/build/check-node.mjs')
        Invoke-Program $Npm @('install', '--no-audit', '--no-fund', '--loglevel=error')
        Invoke-Program $Node @('tools/build/build.mjs')
    }
    finally {
        Pop-Location
    }
    if ($Service) {
        $Profiled = 'user'
        if (Test-Path Env:PROFILE) { $Profiled = $env:PROFILE }
        $Program = Join-Path $Root 'bin\holdfast'
        Invoke-Program $Node @($Program, 'service', 'install', '--system', '--profile', $Profiled)
    }
    else {
        Write-Output 'installed; start it with scripts\run_windows.ps1, or install the service with -Service'
    }
}
catch {
    [Console]::Error.WriteLine("install: $($_.Exception.Message)")
    exit 1
}
