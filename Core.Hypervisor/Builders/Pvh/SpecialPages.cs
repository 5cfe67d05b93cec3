using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>The pages that guest and hypervisor share from the start, at Xen's own places (fact sheet "Guest ABI", section 1.4).</summary>
internal static class SpecialPages
{
    /// <summary>First of the eight.</summary>
    public static readonly GuestFrame First = new(0xf_eff8);

    /// <summary>The xenstore ring.</summary>
    public static readonly GuestFrame Store = new(0xf_effc);

    /// <summary>The console ring.</summary>
    public static readonly GuestFrame Console = new(0xf_efff);

    /// <summary>How many there are, in one row.</summary>
    public const int Count = 8;
}
