using System.Runtime.InteropServices;
using Hospes.Hypervisor.Domains;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>sched_op(cmd, argument) (fact sheet "Guest ABI", section 4).</summary>
internal sealed class SchedulerCalls(Domain domain) : IHypercall
{
    private const int MostPolledPorts = 128;

    private readonly Watchdogs _watchdogs = new(domain);

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong at = frame.Argument2;
        switch ((uint)frame.Argument1)
        {
            case 0:
                caller.Vcpu.Yield();
                return 0;
            case 1:
                caller.Vcpu.Block();
                return 0;
            case 2:
                return Shutdown(caller, at);
            case 3:
                return Poll(caller, at, frame.InterruptsDisabled);
            case 4:
                // remote_shutdown is the tools' privilege.
                return Errno.NotPermitted;
            case 5:
                return SetShutdownCode(caller, at);
            case 6:
                Span<byte> argument = stackalloc byte[8];
                return caller.TryRead(at, argument) ? _watchdogs.Set(Wire.U32(argument, 0), Wire.U32(argument, 4)) : Errno.BadAddress;
            case 7:
                return Errno.NotPermitted;
            default:
                return Errno.NotImplemented;
        }
    }

    private long Shutdown(GuestCaller caller, ulong at)
    {
        if (!caller.TryReadU32(at, out uint reason))
            return Errno.BadAddress;
        if (reason > (uint)ShutdownReason.Watchdog)
            return Errno.Invalid;
        domain.Shutdown(domain.ShutdownCode ?? (ShutdownReason)reason);

        // Seen only by a guest that runs on after a suspend that was given up: 1 means cancelled.
        return reason == (uint)ShutdownReason.Suspend ? 1 : 0;
    }

    private long SetShutdownCode(GuestCaller caller, ulong at)
    {
        if (!caller.TryReadU32(at, out uint reason))
            return Errno.BadAddress;
        if (reason > (uint)ShutdownReason.Watchdog)
            return Errno.Invalid;
        domain.ShutdownCode = (ShutdownReason)reason;
        return 0;
    }

    private long Poll(GuestCaller caller, ulong at, bool interruptsDisabled)
    {
        // 64-bit: pointer @0, u32 count @8, u64 timeout @16; 32-bit: @0, @4, @8
        bool is64Bit = caller.Is64Bit;
        Span<byte> argument = stackalloc byte[24];
        argument = argument[..(is64Bit ? 24 : 16)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        uint count = Wire.U32(argument, is64Bit ? 8 : 4);
        if (count > MostPolledPorts)
            return Errno.Invalid;
        Span<uint> ports = stackalloc uint[MostPolledPorts];
        ports = ports[..(int)count];
        if (!caller.TryRead(Wire.Word(argument, 0, is64Bit), MemoryMarshal.AsBytes(ports)))
            return Errno.BadAddress;
        foreach (uint port in ports)
        {
            if (port >= domain.EventChannels.PortCount)
                return Errno.Invalid;
        }

        ulong timeout = Wire.U64(argument, is64Bit ? 16 : 8);
        Nanoseconds deadline = timeout == 0 ? Nanoseconds.Never : domain.Clock.ToHost(timeout);
        caller.Vcpu.Poll(ports, deadline, interruptsDisabled);
        return 0;
    }
}
