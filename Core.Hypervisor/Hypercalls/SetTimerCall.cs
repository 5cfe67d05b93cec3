using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>set_timer_op(time): the vCPU's one-shot timer at an absolute system time; 0 cancels it.</summary>
internal sealed class SetTimerCall : IHypercall
{
    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        // A 32-bit caller passes the two halves in two registers.
        ulong time = caller.Is64Bit ? frame.Argument1 : (uint)frame.Argument1 | (frame.Argument2 << 32);
        if (time == 0)
            caller.Vcpu.Timers.StopSingleShot();
        else
            caller.Vcpu.Timers.SetSingleShot(time);
        return 0;
    }
}
