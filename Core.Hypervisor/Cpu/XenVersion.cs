namespace Hospes.Hypervisor.Cpu;

/// <summary>
/// The version of the Xen ABI that guests are told. Linux reads it only for messages and two tests for "at least 4" (whether the store may be asked for
/// <c>control/platform-feature-xs_reset_watches</c>, and dom0's ACPI); what is there it learns from feature bits and error numbers. 4.17 is the release
/// whose headers the fact sheet "Guest ABI" is drawn from.
/// </summary>
public static class XenVersion
{
    /// <summary>Major number.</summary>
    public const int Major = 4;

    /// <summary>Minor number.</summary>
    public const int Minor = 17;

    /// <summary>What follows them; at most 15 characters (XENVER_extraversion).</summary>
    public const string Extra = ".0-hospes";

    /// <summary>Guest kinds that can run (XENVER_capabilities).</summary>
    public const string Capabilities = "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64";

    /// <summary>XENVER_changeset.</summary>
    public const string Changeset = "hospes";

    /// <summary>As in <c>4.17.0-hospes</c>.</summary>
    public static string Full => $"{Major}.{Minor}{Extra}";

    /// <summary>major &lt;&lt; 16 | minor, as CPUID and XENVER_version give it.</summary>
    internal const uint Packed = ((uint)Major << 16) | Minor;
}
