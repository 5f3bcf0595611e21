# Installs, removes or describes the Windows service of Holdfast. `bin/holdfast service` calls it; the answer is one JSON
# document on standard output. Works in Windows PowerShell 5.1 and in PowerShell 7.
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)][ValidateSet('install', 'uninstall', 'status')][string]$Action,
    # Settings to install, as HoldfastService.cs reads them. Only for install.
    [string]$Settings = ''
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Name = 'Holdfast'
# Only administrators may write here: what runs as the system must not be replaceable by others.
$Folder = Join-Path $env:ProgramFiles 'Holdfast'
$Program = Join-Path $Folder 'HoldfastService.exe'
$Conf = Join-Path $Folder 'HoldfastService.conf'
$Source = Join-Path $PSScriptRoot 'HoldfastService.cs'
$StopTime = [TimeSpan]::FromMinutes(3)

function Find-Service {
    Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'"
}

function Test-Ours($Found) {
    $Found.PathName.Trim('"') -eq $Program
}

function Assert-Administrator {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object Security.Principal.WindowsPrincipal($identity)
    if (-not $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        throw 'a Windows service can only be changed from a terminal that was started as administrator'
    }
}

function Assert-Ours($Found) {
    if ($null -ne $Found -and -not (Test-Ours $Found)) {
        throw "there is a service $Name of somebody else: $($Found.PathName)"
    }
}

function Invoke-Sc {
    $output = & "$env:SystemRoot\System32\sc.exe" @args
    if ($LASTEXITCODE -ne 0) { throw "sc.exe $($args -join ' '): $($output -join ' ')" }
}

function Stop-Ours($Found) {
    if ($null -eq $Found -or $Found.State -eq 'Stopped') { return }
    $service = Get-Service -Name $Name
    if ($service.Status -ne 'StopPending') { $service.Stop() }
    $service.WaitForStatus('Stopped', $StopTime)
}

# The compiler is part of the .NET Framework, which is part of Windows.
function Find-Compiler {
    foreach ($kind in 'Framework64', 'FrameworkArm64', 'Framework') {
        $path = Join-Path $env:SystemRoot "Microsoft.NET\$kind\v4.0.30319\csc.exe"
        if (Test-Path -LiteralPath $path) { return $path }
    }
    throw 'csc.exe of the .NET Framework 4 is missing: enable that feature of Windows'
}

function Build-Program($Target) {
    $output = & (Find-Compiler) /nologo /target:exe /optimize+ /r:System.ServiceProcess.dll "/out:$Target" $Source
    if ($LASTEXITCODE -ne 0) { throw "compiling ${Source}: $($output -join ' ')" }
}

function Get-Status {
    $found = Find-Service
    if ($null -eq $found) {
        return @{ installed = $false; ours = $false; enabled = $false; running = $false; pid = $null
            detail = 'there is no such service'; changed = $false }
    }
    $running = $found.State -eq 'Running'
    $id = $null
    if ($running) { $id = $found.ProcessId }
    @{ installed = $true; ours = (Test-Ours $found); enabled = ($found.StartMode -eq 'Auto'); running = $running
        pid = $id; detail = "$($found.State), last exit code $($found.ExitCode)"; changed = $false }
}

function Install-Ours {
    Assert-Administrator
    $found = Find-Service
    Assert-Ours $found
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    $before = ''
    if (Test-Path -LiteralPath $Conf) { $before = [IO.File]::ReadAllText($Conf) }
    $wanted = [IO.File]::ReadAllText($Settings)
    # The compiler gives another file each time: what was compiled is kept to compare.
    $copy = "$Program.cs"
    $same = (Test-Path -LiteralPath $Program) -and (Test-Path -LiteralPath $copy) -and
        ([IO.File]::ReadAllText($copy) -ceq [IO.File]::ReadAllText($Source))
    if ($null -ne $found -and $same -and $before -ceq $wanted -and $found.State -eq 'Running') {
        return Get-Status
    }
    Stop-Ours $found
    if (-not $same) {
        Build-Program $Program
        Copy-Item -LiteralPath $Source -Destination $copy -Force
    }
    [IO.File]::WriteAllText($Conf, $wanted, (New-Object Text.UTF8Encoding($false)))
    if ($null -eq $found) {
        New-Service -Name $Name -BinaryPathName "`"$Program`"" -DisplayName 'Holdfast' -StartupType Automatic `
            -Description 'Written by `holdfast service install`; `holdfast service uninstall` removes it' | Out-Null
    }
    Invoke-Sc config $Name 'start=' 'delayed-auto'
    Invoke-Sc failure $Name 'reset=' '300' 'actions=' 'restart/2000/restart/10000/restart/60000'
    # A stop with an exit code other than 0 counts as a failure too.
    Invoke-Sc failureflag $Name '1'
    Start-Service -Name $Name
    $status = Get-Status
    $status.changed = $true
    $status
}

function Uninstall-Ours {
    Assert-Administrator
    $found = Find-Service
    Assert-Ours $found
    if ($null -ne $found) {
        Stop-Ours $found
        Invoke-Sc delete $Name
    }
    foreach ($file in $Program, "$Program.cs", $Conf) {
        if (Test-Path -LiteralPath $file) { Remove-Item -LiteralPath $file -Force }
    }
    $status = Get-Status
    $status.changed = $null -ne $found
    $status
}

try {
    $answer = switch ($Action) {
        'install' { Install-Ours }
        'uninstall' { Uninstall-Ours }
        'status' { Get-Status }
    }
    ConvertTo-Json -Compress -InputObject $answer
}
catch {
    [Console]::Error.WriteLine($_.Exception.Message)
    exit 1
}
