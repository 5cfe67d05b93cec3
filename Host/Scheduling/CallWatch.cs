using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Marks when a call into a scheduler plugin is under way, so that another thread can see that it does not come back, and declare it abandoned. Either
/// the call ends or it is abandoned, never both: one compare-and-swap decides.
/// </summary>
internal sealed class CallWatch
{
    private const long Outside = 0;
    private const long Abandoned = -1;

    // Asking the kernel each time would cost more than most calls take.
    private readonly ThreadLocal<int> _self = new(static () => HostThread.CurrentId);
    private long _call; // Outside, Abandoned, or the number of the call under way
    private long _calls;
    private int _thread;

    /// <summary>The number of the call that is under way, and which thread of the host makes it; null: none is.</summary>
    internal (long Number, int Thread)? UnderWay =>
        Volatile.Read(ref _call) is > 0 and var number ? (number, Volatile.Read(ref _thread)) : null;

    /// <summary>A call begins, on this thread.</summary>
    internal void Begin()
    {
        Volatile.Write(ref _thread, _self.Value);
        Enter(from: Outside, to: ++_calls);
    }

    /// <summary>The call has come back.</summary>
    /// <exception cref="SchedulerAbandonedException">Too late: somebody else has taken over.</exception>
    internal void End() => Enter(from: _calls, to: Outside);

    /// <summary>Gives the call up. False: it has come back meanwhile.</summary>
    internal bool TryAbandon(long number) => Interlocked.CompareExchange(ref _call, Abandoned, number) == number;

    private void Enter(long from, long to)
    {
        if (Interlocked.CompareExchange(ref _call, to, from) != from)
            throw new SchedulerAbandonedException();
    }
}
