using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Events;
using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>vcpu_op(cmd, vcpu, argument) (fact sheet "Guest ABI", sections 4 and 8).</summary>
internal sealed class VcpuCalls(Domain domain) : IHypercall
{
    private const ulong ShortestPeriod = 1_000_000;
    private const ulong LongestPeriod = 60_000_000_000;
    private const uint FutureOnly = 1;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        uint number = (uint)frame.Argument2;
        if (number >= (uint)domain.Vcpus.Length)
            return Errno.NoEntry;
        Vcpu target = domain.Vcpus[number];
        ulong at = frame.Argument3;
        switch ((uint)frame.Argument1)
        {
            case 1:
                return target.BringUp() ? 0 : Errno.Invalid;
            case 2:
                target.TakeDown();
                return 0;
            case 3:
                return target.IsOnline ? 1 : 0;
            case 4:
                return GetRunstate(caller, target, at);
            case 5:
                return RegisterRunstateArea(caller, target, at);
            case 6:
                return SetPeriodicTimer(caller, target, at);
            case 7:
                target.Timers.StopPeriodic();
                return 0;
            case 8:
                return SetSingleShotTimer(caller, target, at);
            case 9:
                if (target != caller.Vcpu)
                    return Errno.Invalid;
                target.Timers.StopSingleShot();
                return 0;
            case 10:
                return RegisterInfo(caller, target, at);
            case 11:
                target.RequestNmi();
                return 0;
            case 12:
                // Physical ids are told only to domains pinned to them.
                return Errno.Invalid;
            case 13:
                return RegisterTimeArea(caller, at);
            default:
                return Errno.NotImplemented;
        }
    }

    private static long GetRunstate(GuestCaller caller, Vcpu target, ulong at)
    {
        Span<byte> record = stackalloc byte[Runstate.Size64];
        int size = target.Runstate.Write(record, caller.Is64Bit);
        return caller.TryWrite(at, record[..size]) ? 0 : Errno.BadAddress;
    }

    private static bool TryReadPointer(GuestCaller caller, ulong at, out ulong pointer)
    {
        Span<byte> argument = stackalloc byte[8];
        argument = argument[..(caller.Is64Bit ? 8 : 4)];
        pointer = 0;
        if (!caller.TryRead(at, argument))
            return false;
        pointer = Wire.Word(argument, 0, caller.Is64Bit);
        return true;
    }

    private static long SetPeriodicTimer(GuestCaller caller, Vcpu target, ulong at)
    {
        Span<byte> argument = stackalloc byte[8];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        ulong period = Wire.U64(argument, 0);
        if (period is < ShortestPeriod or > LongestPeriod)
            return Errno.Invalid;
        target.Timers.SetPeriodic((long)period);
        return 0;
    }

    private long SetSingleShotTimer(GuestCaller caller, Vcpu target, ulong at)
    {
        // u64 absolute time @0, u32 flags @8
        Span<byte> argument = stackalloc byte[12];
        if (target != caller.Vcpu)
            return Errno.Invalid;
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        ulong time = Wire.U64(argument, 0);
        if ((Wire.U32(argument, 8) & FutureOnly) != 0 && (long)time < (long)domain.Clock.Now)
            return Errno.TimePassed;
        target.Timers.SetSingleShot(time);
        return 0;
    }

    private unsafe long RegisterInfo(GuestCaller caller, Vcpu target, ulong at)
    {
        // u64 guest frame @0, u32 offset @8
        Span<byte> argument = stackalloc byte[16];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        uint offset = Wire.U32(argument, 8);

        // Event bits are set with atomic 64-bit operations, so the area must be aligned for them.
        if (offset > GuestMemory.FrameSize - SharedInfo.VcpuInfoSize || offset % 8 != 0)
            return Errno.Invalid;
        byte* page = domain.Memory.FindFrame(new GuestFrame(Wire.U64(argument, 0)));
        if (page == null)
            return Errno.Invalid;
        return domain.EventChannels.Relocate(target.Id.Value, page + offset) ? 0 : Errno.Invalid;
    }

    private static unsafe long RegisterRunstateArea(GuestCaller caller, Vcpu target, ulong at)
    {
        if (!TryReadPointer(caller, at, out ulong area))
            return Errno.BadAddress;
        if (area == 0)
        {
            target.Runstate.Unregister();
            return 0;
        }

        // The area may cross a page; its two parts are found now and stay where they are, as no later moment is sure to have the guest's page tables.
        int size = caller.Is64Bit ? Runstate.Size64 : Runstate.Size32;
        byte* first = caller.Find(area, out int left, out _);
        byte* second = first == null || left >= size ? first : caller.Find(area + (ulong)left, out _, out _);
        if (second == null)
            return Errno.BadAddress;
        target.Runstate.Register(first, second, Math.Min(left, size), caller.Is64Bit);
        return 0;
    }

    private static long RegisterTimeArea(GuestCaller caller, ulong at)
    {
        if (!TryReadPointer(caller, at, out ulong area))
            return Errno.BadAddress;
        if (area == 0)
            return 0;

        // The conversion from counter to time never changes, so writing it once keeps the area right for good.
        Span<byte> info = stackalloc byte[GuestClock.TimeInfoSize];
        GuestClock.WriteTimeInfo(info);
        return caller.TryWrite(area, info) ? 0 : Errno.BadAddress;
    }
}
