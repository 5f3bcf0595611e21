<#
.SYNOPSIS
Starts Holdfast in this window; Ctrl-C stops it.
.DESCRIPTION
The profile is that of $env:PROFILE: user, pro or ent; user when it is not set. Works in Windows PowerShell 5.1 and in
PowerShell 7. The exit code is that of the stack.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Root = Split-Path -Parent $PSScriptRoot
$Profiled = 'user'
if ((Test-Path Env:PROFILE) -and $env:PROFILE -ne '') { $Profiled = $env:PROFILE }

$Node = @(Get-Command -Name 'node.exe' -CommandType Application -ErrorAction SilentlyContinue)
if ($Node.Count -eq 0) {
    [Console]::Error.WriteLine('run: node is missing: install Node 20.19 or newer')
    exit 1
}
if (-not (Test-Path -LiteralPath (Join-Path $Root 'dist\cli.js'))) {
    [Console]::Error.WriteLine('run: nothing is built yet: run scripts\install_windows.ps1 first')
    exit 1
}

& $Node[0].Path (Join-Path $Root 'bin\holdfast') up --profile $Profiled
exit $LASTEXITCODE
