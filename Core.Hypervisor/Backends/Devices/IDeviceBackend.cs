namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>
/// The back-end of one kind of device. The frame (<see cref="BackendDevice"/>) keeps the states and calls one member at a time, on a pool thread;
/// whatever a member throws closes this device and nothing else.
/// </summary>
public interface IDeviceBackend : IDisposable
{
    /// <summary>Nodes that the front-end may want to read before it makes its rings (<c>feature-…</c>); published with state InitWait.</summary>
    IReadOnlyDictionary<string, string> Offer();

    /// <summary>
    /// The front-end has announced its rings: maps them, binds the channels, starts work. Answers the nodes to publish with state Connected. What it
    /// took is given back when it throws.
    /// </summary>
    /// <exception cref="DeviceProtocolException">The announcement cannot be accepted.</exception>
    IReadOnlyDictionary<string, string> Connect(FrontendNodes front);

    /// <summary>
    /// Ends the work for the present front-end. When it returns, no page of the guest is used any more. Does nothing when not connected. Another
    /// <see cref="Connect"/> may follow.
    /// </summary>
    void Disconnect();
}
