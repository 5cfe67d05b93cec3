using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Events;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Security;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>event_channel_op(cmd, argument) (fact sheet "Guest ABI", section 6). The structures are the same in both widths.</summary>
internal sealed class EventChannelCalls(Domain domain) : IHypercall
{
    private readonly EventChannels _channels = domain.EventChannels;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong at = frame.Argument2;
        return (uint)frame.Argument1 switch
        {
            0 => BindInterdomain(caller, at),
            1 => BindVirq(caller, at),

            // No physical interrupts are offered.
            2 => Errno.Invalid,
            3 => caller.TryReadU32(at, out uint port) ? _channels.Close(port) : Errno.BadAddress,
            4 => caller.TryReadU32(at, out uint port) ? _channels.Send(port) : Errno.BadAddress,
            5 => Status(caller, at),
            6 => AllocateUnbound(caller, at),
            7 => BindIpi(caller, at),
            8 => BindVcpu(caller, at),
            9 => caller.TryReadU32(at, out uint port) ? _channels.Unmask(port) : Errno.BadAddress,
            10 => Reset(caller, at),

            // 11 to 13 are the FIFO interface; guests that try it fall back to two levels.
            _ => Errno.NotImplemented,
        };
    }

    private long BindInterdomain(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[8];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!domain.MayShare(SecurityOperation.EventChannelBind, Wire.U16(argument, 0)))
            return Errno.AccessDenied;
        long result = _channels.BindInterdomain(Wire.U16(argument, 0), Wire.U32(argument, 4), caller.Vcpu.Id.Value, out uint port);
        return Finish(caller, at + 8, result, port);
    }

    private long BindVirq(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[8];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        long result = _channels.BindVirq(Wire.U32(argument, 0), Wire.U32(argument, 4), out uint port);
        return Finish(caller, at + 8, result, port);
    }

    private long AllocateUnbound(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[4];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!domain.MayShare(SecurityOperation.EventChannelOffer, Wire.U16(argument, 2)))
            return Errno.AccessDenied;
        long result = _channels.AllocateUnbound(Wire.U16(argument, 0), Wire.U16(argument, 2), out uint port);
        return Finish(caller, at + 4, result, port);
    }

    private long BindIpi(GuestCaller caller, ulong at)
    {
        if (!caller.TryReadU32(at, out uint vcpu))
            return Errno.BadAddress;
        long result = _channels.BindIpi(vcpu, out uint port);
        return Finish(caller, at + 4, result, port);
    }

    private long BindVcpu(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[8];
        return caller.TryRead(at, argument) ? _channels.BindVcpu(Wire.U32(argument, 0), Wire.U32(argument, 4)) : Errno.BadAddress;
    }

    private long Reset(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[2];
        return caller.TryRead(at, argument) ? _channels.Reset(Wire.U16(argument, 0)) : Errno.BadAddress;
    }

    private long Status(GuestCaller caller, ulong at)
    {
        // u16 dom @0, u32 port @4, out: u32 status @8, u32 vcpu @12, union @16 (u16 dom and u32 port @20, or u32 virq)
        Span<byte> argument = stackalloc byte[24];
        if (!caller.TryRead(at, argument[..8]))
            return Errno.BadAddress;
        long result = _channels.Status(Wire.U16(argument, 0), Wire.U32(argument, 4), out EventPortEntry entry);
        if (result != 0)
            return result;
        argument[8..].Clear();
        Wire.U32(argument, 8, (uint)entry.State);
        Wire.U32(argument, 12, (uint)entry.Vcpu);
        switch (entry.State)
        {
            case EventPortState.Unbound or EventPortState.Interdomain:
                Wire.U16(argument, 16, entry.RemoteDomain);

                // A back-end has no port number of its own; the guest's serves to tell one from another.
                Wire.U32(argument, 20, entry.Backend is { } backend ? backend.Port.Value : entry.RemotePort);
                break;
            case EventPortState.Virq:
                Wire.U32(argument, 16, (uint)entry.Virq);
                break;
        }

        return caller.TryWrite(at + 8, argument[8..]) ? 0 : Errno.BadAddress;
    }

    /// <summary>Answers the new port, or takes it back when the guest cannot be told.</summary>
    private long Finish(GuestCaller caller, ulong at, long result, uint port)
    {
        if (result != 0 || caller.TryWriteU32(at, port))
            return result;
        _channels.Close(port);
        return Errno.BadAddress;
    }
}
