using System.Runtime.InteropServices;

namespace Hospes.Linux.Networking;

/// <summary>The kernel refused something to do with networks. The message says what, on what, and what to do; <see cref="Errno"/> is its own number.</summary>
public sealed class NetworkException : IOException
{
    /// <summary>EPERM.</summary>
    public const int NotPermitted = 1;

    /// <summary>ENOENT.</summary>
    public const int NotFound = 2;

    /// <summary>ESRCH, the answer for routes that are not there.</summary>
    public const int NoSuchEntry = 3;

    /// <summary>EBUSY.</summary>
    public const int Busy = 16;

    /// <summary>EEXIST.</summary>
    public const int Exists = 17;

    /// <summary>ENODEV.</summary>
    public const int NoDevice = 19;

    /// <summary>EADDRNOTAVAIL, the answer for addresses that are not there.</summary>
    public const int NoAddress = 99;

    private const string Hint =
        ". Networks need the capability CAP_NET_ADMIN: run the appliance as root, or in a network namespace of its own ('hospes up --netns NAME', once, as root)";

    /// <summary>An error number, with what was tried and, if the kernel gave one, its own explanation.</summary>
    public NetworkException(string what, int errno, string? explanation = null)
        : base($"{what}: {Marshal.GetPInvokeErrorMessage(errno)}{(explanation is null ? "" : $" ({explanation})")}{(errno == NotPermitted ? Hint : "")}")
    {
        Errno = errno;
    }

    /// <summary>The kernel's number for what went wrong.</summary>
    public int Errno { get; }

    /// <summary>The error of the call that has just failed.</summary>
    internal static NetworkException Last(string what) => new(what, Marshal.GetLastPInvokeError());
}
