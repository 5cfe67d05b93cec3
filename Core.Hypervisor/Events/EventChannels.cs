using Hospes.Hypervisor.Hypercalls;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Events;

/// <summary>
/// A domain's two-level event channels (fact sheet "Guest ABI", section 6). The other ends are this process's back-ends, which the guest sees as domain
/// 0, or the guest itself.
/// </summary>
/// <remarks>
/// Sending takes no lock: a sender reads the port's entry as it is, and a port closed or rebound at that moment at worst gets one spurious event, which
/// the ABI allows. Changes of the table take <see cref="_lock"/>; nothing is called under it but a vCPU's signal.
/// </remarks>
public sealed class EventChannels
{
    private const int MaximumPorts = 4096;
    private const ushort ControlDomain = 0;

    private readonly Lock _lock = new();
    private readonly EventPortEntry[] _ports = new EventPortEntry[MaximumPorts];
    private readonly SharedInfo _shared;
    private readonly ushort _self;
    private readonly VcpuEvents[] _vcpus;
    private int _pollers;

    internal EventChannels(DomainId self, SharedInfo shared, VcpuEvents[] vcpus)
    {
        _self = self.Value;
        _shared = shared;
        _vcpus = vcpus;
    }

    /// <summary>Makes a channel for a back-end of the hypervisor's own choice of port (store, console); the guest learns the port by other means.</summary>
    /// <param name="onNotify">Called on a vCPU's thread when the guest notifies: must return soon and not throw.</param>
    /// <exception cref="InvalidOperationException">The guest has used up its ports.</exception>
    public BackendChannel AllocateBackend(Action onNotify)
    {
        lock (_lock)
        {
            uint port = FindFree();
            if (port == 0)
                throw new InvalidOperationException("the guest has no free event channel port");
            BackendChannel channel = new(this, new EventPort(port), onNotify);
            _ports[port] = new EventPortEntry { State = EventPortState.Interdomain, RemoteDomain = ControlDomain, Backend = channel, IsFixed = true };
            return channel;
        }
    }

    /// <summary>Connects a back-end to a port that the guest has allocated for domain 0. Null: the port is not such a one.</summary>
    /// <param name="port">The guest's port, as its front-end announced it.</param>
    /// <param name="onNotify">As for <see cref="AllocateBackend"/>; called once at once, for notifications sent before.</param>
    public BackendChannel? BindBackend(EventPort port, Action onNotify)
    {
        BackendChannel channel;
        lock (_lock)
        {
            if (port.Value >= (uint)_shared.PortCount)
                return null;
            ref EventPortEntry entry = ref _ports[port.Value];
            if (entry.State != EventPortState.Unbound || entry.RemoteDomain != ControlDomain)
                return null;
            channel = new BackendChannel(this, port, onNotify);
            entry.Backend = channel;
            entry.State = EventPortState.Interdomain;
        }

        channel.Receive();
        return channel;
    }

    /// <summary>EVTCHNOP_send.</summary>
    internal long Send(uint port)
    {
        if (port >= (uint)_shared.PortCount)
            return Errno.Invalid;
        ref EventPortEntry entry = ref _ports[port];
        switch (entry.State)
        {
            case EventPortState.Interdomain:
                BackendChannel? backend = entry.Backend;
                if (backend is not null)
                    backend.Receive();
                else if (entry.RemotePort != 0)
                    SetPending(entry.RemotePort);
                return 0;
            case EventPortState.Ipi:
                SetPending(port);
                return 0;
            case EventPortState.Unbound:
                return 0;
            default:
                return Errno.Invalid;
        }
    }

    /// <summary>Makes a port pending and, unless it is masked, tells its vCPU. Any thread.</summary>
    internal void SetPending(uint port)
    {
        if (!_shared.TestAndSetPending(port))
            return;
        if (!_shared.IsMasked(port))
            _vcpus[_ports[port].Vcpu].MarkPending(port);
        if (Volatile.Read(ref _pollers) == 0)
            return;
        foreach (VcpuEvents vcpu in _vcpus)
            vcpu.EndPoll(port);
    }

    /// <summary>Raises a virtual interrupt that the vCPU has bound.</summary>
    internal void RaiseVirq(int vcpu, int virq)
    {
        uint port = Volatile.Read(ref _vcpus[vcpu].VirqPorts[virq]);
        if (port != 0)
            SetPending(port);
    }

    /// <summary>EVTCHNOP_unmask.</summary>
    internal long Unmask(uint port)
    {
        if (port == 0 || port >= (uint)_shared.PortCount)
            return Errno.Invalid;
        if (_shared.TestAndClearMask(port) && _shared.IsPending(port))
            _vcpus[_ports[port].Vcpu].MarkPending(port);
        return 0;
    }

    /// <summary>True when the port exists and is pending.</summary>
    internal bool IsPending(uint port) => port < (uint)_shared.PortCount && _shared.IsPending(port);

    /// <summary>Ports are numbered below this.</summary>
    internal uint PortCount => (uint)_shared.PortCount;

    /// <summary>From now on, until <see cref="EndPoll"/>, a pending port ends the vCPU's poll.</summary>
    internal void BeginPoll(int vcpu, int port)
    {
        _vcpus[vcpu].PollPort = port;
        Interlocked.Increment(ref _pollers);
    }

    /// <summary>The vCPU polls no longer.</summary>
    internal void EndPoll(int vcpu)
    {
        if (_vcpus[vcpu].PollPort == 0)
            return;
        _vcpus[vcpu].PollPort = 0;
        Interlocked.Decrement(ref _pollers);
    }

    /// <summary>The guest's width shows itself.</summary>
    internal void SetWidth(bool is32Bit)
    {
        lock (_lock)
            _shared.SetWidth(is32Bit);
    }

    /// <summary>VCPUOP_register_vcpu_info, once its arguments are checked. False: the vCPU has one already.</summary>
    internal unsafe bool Relocate(int vcpu, byte* area)
    {
        lock (_lock)
        {
            if (_vcpus[vcpu].IsRegistered)
                return false;
            _vcpus[vcpu].Relocate(area);
            return true;
        }
    }

    /// <summary>EVTCHNOP_alloc_unbound.</summary>
    internal long AllocateUnbound(ushort domain, ushort remote, out uint port)
    {
        port = 0;
        if (!IsSelf(domain))
            return Errno.NotPermitted;
        lock (_lock)
        {
            port = FindFree();
            if (port == 0)
                return Errno.NoSpace;
            _ports[port] = new EventPortEntry { State = EventPortState.Unbound, RemoteDomain = remote == DomainId.Self.Value ? _self : remote };
            return 0;
        }
    }

    /// <summary>EVTCHNOP_bind_interdomain. Back-ends offer the guest no unbound ports, so only its own can be bound.</summary>
    internal long BindInterdomain(ushort remote, uint remotePort, int vcpu, out uint port)
    {
        port = 0;
        if (!IsSelf(remote))
            return remote == ControlDomain ? Errno.Invalid : Errno.NoSuchDomain;
        lock (_lock)
        {
            if (remotePort >= PortCount)
                return Errno.Invalid;
            ref EventPortEntry other = ref _ports[remotePort];
            if (other.State != EventPortState.Unbound || other.RemoteDomain != _self)
                return Errno.Invalid;
            port = FindFree();
            if (port == 0)
                return Errno.NoSpace;
            _ports[port] = new EventPortEntry { State = EventPortState.Interdomain, Vcpu = vcpu, RemoteDomain = _self, RemotePort = remotePort };
            other.RemotePort = port;
            other.State = EventPortState.Interdomain;

            // The other side may have notified before there was anybody to hear it.
            SetPending(port);
            return 0;
        }
    }

    /// <summary>EVTCHNOP_bind_virq.</summary>
    internal long BindVirq(uint virq, uint vcpu, out uint port)
    {
        port = 0;
        if (virq >= Virq.Count)
            return Errno.Invalid;
        if (vcpu >= (uint)_vcpus.Length)
            return Errno.NoEntry;
        if (vcpu != 0 && !Virq.IsPerVcpu((int)virq))
            return Errno.Invalid;
        lock (_lock)
        {
            ref uint bound = ref _vcpus[vcpu].VirqPorts[virq];
            if (bound != 0)
                return Errno.Exists;
            port = FindFree();
            if (port == 0)
                return Errno.NoSpace;
            _ports[port] = new EventPortEntry { State = EventPortState.Virq, Vcpu = (int)vcpu, Virq = (int)virq };
            Volatile.Write(ref bound, port);
            return 0;
        }
    }

    /// <summary>EVTCHNOP_bind_ipi.</summary>
    internal long BindIpi(uint vcpu, out uint port)
    {
        port = 0;
        if (vcpu >= (uint)_vcpus.Length)
            return Errno.NoEntry;
        lock (_lock)
        {
            port = FindFree();
            if (port == 0)
                return Errno.NoSpace;
            _ports[port] = new EventPortEntry { State = EventPortState.Ipi, Vcpu = (int)vcpu };
            return 0;
        }
    }

    /// <summary>EVTCHNOP_bind_vcpu.</summary>
    internal long BindVcpu(uint port, uint vcpu)
    {
        if (vcpu >= (uint)_vcpus.Length)
            return Errno.NoEntry;
        if (port >= PortCount)
            return Errno.Invalid;
        lock (_lock)
        {
            ref EventPortEntry entry = ref _ports[port];
            bool movable = entry.State is EventPortState.Unbound or EventPortState.Interdomain
                || (entry.State == EventPortState.Virq && !Virq.IsPerVcpu(entry.Virq));
            if (!movable)
                return Errno.Invalid;
            entry.Vcpu = (int)vcpu;
            return 0;
        }
    }

    /// <summary>EVTCHNOP_close.</summary>
    internal long Close(uint port)
    {
        if (port >= PortCount)
            return Errno.Invalid;
        lock (_lock)
        {
            if (_ports[port].State == EventPortState.Closed)
                return Errno.Invalid;
            CloseLocked(port);
            return 0;
        }
    }

    /// <summary>EVTCHNOP_reset. The store's and the console's ports stay: nobody would give the guest new ones.</summary>
    internal long Reset(ushort domain)
    {
        if (!IsSelf(domain))
            return Errno.NotPermitted;
        lock (_lock)
        {
            for (uint port = 1; port < MaximumPorts; port++)
            {
                if (_ports[port].State != EventPortState.Closed && !_ports[port].IsFixed)
                    CloseLocked(port);
            }
        }

        return 0;
    }

    /// <summary>EVTCHNOP_status: what the port is.</summary>
    internal long Status(ushort domain, uint port, out EventPortEntry entry)
    {
        entry = default;
        if (!IsSelf(domain))
            return Errno.NotPermitted;
        if (port >= PortCount)
            return Errno.Invalid;
        lock (_lock)
            entry = _ports[port];
        return 0;
    }

    /// <summary>A back-end leaves.</summary>
    internal void Unbind(BackendChannel channel)
    {
        lock (_lock)
        {
            ref EventPortEntry entry = ref _ports[channel.Port.Value];
            channel.Disconnect();
            if (entry.Backend != channel)
                return;
            entry.Backend = null;
            entry.State = EventPortState.Unbound;
        }
    }

    private bool IsSelf(ushort domain) => domain == DomainId.Self.Value || domain == _self;

    private uint FindFree()
    {
        uint count = PortCount;
        for (uint port = 1; port < count; port++)
        {
            if (_ports[port].State == EventPortState.Closed)
                return port;
        }

        return 0;
    }

    private void CloseLocked(uint port)
    {
        ref EventPortEntry entry = ref _ports[port];
        switch (entry.State)
        {
            case EventPortState.Interdomain when entry.Backend is { } backend:
                backend.Disconnect();
                break;
            case EventPortState.Interdomain when entry.RemotePort != 0:
                ref EventPortEntry other = ref _ports[entry.RemotePort];
                other.State = EventPortState.Unbound;
                other.RemotePort = 0;
                break;
            case EventPortState.Virq:
                Volatile.Write(ref _vcpus[entry.Vcpu].VirqPorts[entry.Virq], 0);

                // A global virtual interrupt is recorded where it was bound, on vCPU 0, though its port may have moved since.
                if (!Virq.IsPerVcpu(entry.Virq))
                    Volatile.Write(ref _vcpus[0].VirqPorts[entry.Virq], 0);
                break;
        }

        entry = default;

        // Whoever gets the port next must not find the last owner's event in it.
        _shared.ClearPending(port);
    }
}
