using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>
/// Hypercalls by number (fact sheet "Guest ABI", section 3). What a PVH guest has no use for is absent and answers ENOSYS, which stock kernels take
/// for an answer: physdev_op among them, as pirqs are not offered.
/// </summary>
internal sealed class HypercallTable
{
    private readonly IHypercall?[] _calls = new IHypercall?[64];

    private readonly GuestLog _log;
    private ulong _missed;

    internal HypercallTable(Domain domain)
    {
        _log = domain.Log;
        _calls[12] = new MemoryCalls(domain);
        _calls[13] = new MulticallCall(this);
        _calls[15] = new SetTimerCall();
        _calls[17] = new XenVersionCalls(domain);
        _calls[18] = new ConsoleIoCalls(domain);
        _calls[20] = new GrantTableCalls(domain);
        _calls[21] = new VmAssistCalls(domain);
        _calls[24] = new VcpuCalls(domain);
        _calls[29] = new SchedulerCalls(domain);
        _calls[32] = new EventChannelCalls(domain);
        _calls[34] = new HvmCalls(domain);
    }

    /// <summary>A hypercall as it comes from the engine.</summary>
    internal void Enter(GuestCaller caller, ref HypercallFrame frame)
    {
        if (frame.PrivilegeLevel != 0)
        {
            frame.Result = Errno.NotPermitted;
            return;
        }

        caller.Is64Bit = frame.Is64Bit;
        caller.Work = GuestCaller.WorkLimit;
        frame.Result = Call(caller, frame);
    }

    /// <summary>The call itself, for the engine's and multicall's use.</summary>
    internal long Call(GuestCaller caller, in HypercallFrame frame)
    {
        // The number is eax, whatever the rest of rax holds.
        uint number = (uint)frame.Number;
        IHypercall? call = number < (uint)_calls.Length ? _calls[number] : null;
        return call is null ? Miss(number) : call.Call(caller, frame);
    }

    /// <summary>Says once for each number what a guest misses: the first thing to know about one that does not get far.</summary>
    private long Miss(uint number)
    {
        ulong bit = number < (uint)_calls.Length ? 1ul << (int)number : 0;
        if (bit != 0 && (Interlocked.Or(ref _missed, bit) & bit) == 0)
            _log.Say($"hypercall {number} is not offered");
        return Errno.NotImplemented;
    }
}
