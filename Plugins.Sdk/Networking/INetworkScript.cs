namespace Hospes.Sdk.Networking;

/// <summary>
/// A way to connect guests with each other and with what lies beyond this machine: what Xen's scripts <c>network-bridge</c>, <c>network-route</c> and
/// <c>network-nat</c> did. Lives in the control plane. Members are called one at a time, on any thread, and may block for a few seconds.
/// </summary>
public interface INetworkScript
{
    /// <summary>
    /// Sets the network up. May be called when it is up already, or when an earlier start was cut short: what is right is kept, the rest made right.
    /// A start that fails leaves the machine as it was.
    /// </summary>
    /// <exception cref="IOException">It cannot be; the message says what failed, on what, and what to do.</exception>
    /// <exception cref="FormatException">An argument is unknown or not usable; the message names it and what is allowed.</exception>
    void Start(NetworkRequest request);

    /// <summary>Undoes a start, as far as anything of it is left.</summary>
    /// <exception cref="IOException">Something could not be undone; the rest was.</exception>
    void Stop(NetworkRequest request);

    /// <summary>What is set up at present: lines for a person.</summary>
    IReadOnlyList<string> Status(NetworkRequest request);
}
