using Hospes.Sdk;

namespace Hospes.Hypervisor.Events;

/// <summary>A back-end's end of an event channel. To the guest the other end is in domain 0; in truth it is an object of this process.</summary>
public sealed class BackendChannel : IDisposable
{
    private readonly EventChannels _channels;
    private readonly Action _onNotify;
    private uint _port;

    internal BackendChannel(EventChannels channels, EventPort port, Action onNotify)
    {
        _channels = channels;
        _port = port.Value;
        _onNotify = onNotify;
        Port = port;
    }

    /// <summary>The guest's port.</summary>
    public EventPort Port { get; }

    /// <summary>False once either side has closed the channel.</summary>
    public bool IsConnected => Volatile.Read(ref _port) != 0;

    /// <summary>Tells the guest. Any thread; does nothing after the guest has closed its port.</summary>
    public void Notify()
    {
        uint port = Volatile.Read(ref _port);
        if (port != 0)
            _channels.SetPending(port);
    }

    /// <summary>Closes the back-end's end: the guest's port waits unbound for another.</summary>
    public void Dispose() => _channels.Unbind(this);

    /// <summary>The guest has notified: called on its vCPU's thread, so the back-end's action must return soon.</summary>
    internal void Receive() => _onNotify();

    internal void Disconnect() => Volatile.Write(ref _port, 0);
}
