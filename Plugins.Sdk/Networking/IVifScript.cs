namespace Hospes.Sdk.Networking;

/// <summary>
/// Puts one guest interface's dom0 end on a network: what Xen's scripts <c>vif-bridge</c>, <c>vif-route</c> and <c>vif-nat</c> did. Lives in the control
/// plane. Members are called on any thread, one at a time for each interface, and may block for a few seconds.
/// </summary>
public interface IVifScript
{
    /// <summary>
    /// Connects an interface, which exists and is down, and brings it up. May be called again for one that is connected already (the control plane was
    /// restarted). When it fails nothing of the connection is left but the interface itself.
    /// </summary>
    /// <exception cref="IOException">It cannot be; the message says what failed, on what, and what to do.</exception>
    /// <exception cref="FormatException">An argument is unknown or not usable.</exception>
    VifPlacement Online(VifRequest vif);

    /// <summary>Undoes <see cref="Online"/>. The interface itself may be gone already.</summary>
    /// <exception cref="IOException">Something could not be undone; the rest was.</exception>
    void Offline(VifRequest vif);
}
