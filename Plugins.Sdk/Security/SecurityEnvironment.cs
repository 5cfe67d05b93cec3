namespace Hospes.Sdk.Security;

/// <summary>Where a security module finds and keeps its things.</summary>
public sealed record SecurityEnvironment
{
    /// <summary>What people write and read: <c>/etc/xen</c> below the appliance's root. Exists.</summary>
    public required string ConfigurationDirectory { get; init; }

    /// <summary>What outlives the control plane: <c>/var/lib/xend</c> below the root. Exists, for its owner alone.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Boot entries and what they load: <c>/boot</c> below the root; may not exist.</summary>
    public required string BootDirectory { get; init; }

    /// <summary>The machine's present run: a policy that was loaded in another one is in force no more.</summary>
    public required string BootId { get; init; }

    /// <summary>The value of <c>ssidref=</c> on the hypervisor's command line, or null.</summary>
    public string? BootParameter { get; init; }

    /// <summary>Takes messages for the hypervisor's buffer, as <c>xm dmesg</c> shows it.</summary>
    public Action<string> Say { get; init; } = static _ => { };
}
