namespace Hospes.Hypervisor.Hypercalls;

/// <summary>Xen's error numbers, negated as hypercalls answer them (fact sheet "Guest ABI", section 2).</summary>
internal static class Errno
{
    internal const long NotPermitted = -1;
    internal const long NoEntry = -2;
    internal const long NoSuchDomain = -3;
    internal const long TooBig = -7;
    internal const long NoMemory = -12;
    internal const long AccessDenied = -13;
    internal const long BadAddress = -14;
    internal const long Busy = -16;
    internal const long Exists = -17;
    internal const long Invalid = -22;
    internal const long NoSpace = -28;
    internal const long NotImplemented = -38;
    internal const long NoData = -61;
    internal const long TimePassed = -62;
    internal const long NotSupported = -95;
}
