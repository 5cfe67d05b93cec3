namespace Hospes.Hypervisor.Domains;

/// <summary>Why a domain stopped (fact sheet "Guest ABI", section 4: SHUTDOWN_*).</summary>
public enum ShutdownReason
{
    /// <summary>SHUTDOWN_poweroff.</summary>
    PowerOff = 0,

    /// <summary>SHUTDOWN_reboot.</summary>
    Reboot = 1,

    /// <summary>SHUTDOWN_suspend.</summary>
    Suspend = 2,

    /// <summary>SHUTDOWN_crash.</summary>
    Crash = 3,

    /// <summary>SHUTDOWN_watchdog.</summary>
    Watchdog = 4,
}
