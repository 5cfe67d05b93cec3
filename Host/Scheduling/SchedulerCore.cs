using System.Numerics;
using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Between the scheduler plugin's decisions and the leases: who holds which pCPU, whose turn is over, who has to be told. A state machine without
/// threads, locks or a clock: the executors drive it on live guests, tests on simulated time. One caller at a time; time never goes back.
/// </summary>
/// <remarks>
/// <para>A pCPU changes hands in this order: ask the holder to give back, wait for it, charge what it used, ask the scheduler who is next, grant. The
/// scheduler is thus asked when the pCPU is truly free, and never names somebody who still runs elsewhere. Only when nobody waits it is asked
/// first, and a holder that may stay is not disturbed.</para>
/// <para>On the pCPU's own host CPU the first two steps are one: its holder's thread cannot run while we do, and finds out when it next does.</para>
/// <para>Sleeping in place is invisible to the scheduler, which takes the vCPU as running; the moment somebody waits for a pCPU and none is free, the
/// sleepers are taken off theirs and reported as blocked.</para>
/// </remarks>
internal sealed partial class SchedulerCore
{
    // A scheduler that asks to be asked again at once, for ever, would keep an executor busy.
    private static readonly Nanoseconds ShortestSlice = new(50_000);

    // A vCPU that is on a CPU gives back within some microseconds. One that is not, because the host has other work, is not waited for in vain.
    private static readonly Nanoseconds HurryAfter = new(200_000);

    // A timer that ends before the host's next tick costs more than all else that a change of turns does, so none is set that short. On a host that has
    // turned out to be busy all are hurried at once, which costs little.
    private static readonly Nanoseconds HurryLookAfter = Nanoseconds.FromMilliseconds(5);
    private static readonly Nanoseconds BusyFor = Nanoseconds.FromMilliseconds(500);

    /// <summary>What the fallback is called where schedulers' names are shown.</summary>
    internal const string FallbackName = "fallback";

    private readonly Dictionary<VcpuKey, VcpuEntry> _vcpus = [];
    private readonly Dictionary<DomainId, DomainEntry> _domains = [];
    private readonly PcpuSlot[] _slots;
    private readonly IReadOnlyList<PcpuPlace> _places;
    private readonly GuardedScheduler _scheduler;
    private readonly Nanoseconds _grace;
    private Nanoseconds _now;
    private PcpuSlot? _here;
    private int _waiting;
    private bool _askIdle;
    private int _nextHome;

    /// <param name="scheduler">The policy; null: the fallback.</param>
    /// <param name="name">Its name, under which domains' parameters are kept.</param>
    /// <param name="places">The pCPUs there are to give away.</param>
    /// <param name="grace">How long a vCPU may take to give back before its pCPU is taken by force.</param>
    /// <param name="now">The time.</param>
    internal SchedulerCore(IScheduler? scheduler, string name, IReadOnlyList<PcpuPlace> places, Nanoseconds grace, Nanoseconds now)
    {
        _places = places;
        _slots = [.. Enumerable.Range(0, places.Count).Select(pcpu => new PcpuSlot(new PcpuId(pcpu)))];
        _grace = grace;
        _now = now;
        SchedulerName = name;
        _scheduler = new GuardedScheduler(FallBack, Watch);
        _scheduler.Replace(scheduler ?? new FallbackScheduler());
        _scheduler.Start(places, now);
    }

    /// <summary>The scheduler plugin has failed, and why; the fallback decides from here on.</summary>
    internal event Action<Exception>? SchedulerFailed;

    /// <summary>A new scheduler does not take what was said about a domain, which then has its defaults.</summary>
    internal event Action<DomainId, SchedulerParameterException>? ParametersRefused;

    /// <summary>A vCPU did not give back its pCPU, which was taken by force.</summary>
    internal event Action<VcpuKey, PcpuId>? LeaseOverdue;

    internal IReadOnlyList<PcpuSlot> Slots => _slots;

    internal IReadOnlyDictionary<DomainId, DomainEntry> Domains => _domains;

    internal bool IsFallback => _scheduler.IsFallback;

    /// <summary>Why the fallback is in charge, if it is.</summary>
    internal Exception? LastFailure { get; private set; }

    /// <summary>The policy in charge.</summary>
    internal string SchedulerName { get; private set; }

    /// <summary>Its longer name, if it has one.</summary>
    internal string? SchedulerTitle => _scheduler.Title;

    /// <summary>vCPUs can be kept to some pCPUs.</summary>
    internal bool IsAffine => _scheduler.IsAffine;

    /// <summary>What can be set for domains.</summary>
    internal IReadOnlyList<SchedulerParameter> Parameters => _scheduler.Parameters;

    /// <summary>For whoever looks whether the scheduler answers.</summary>
    internal CallWatch Watch { get; } = new();

    /// <summary>When there is something to do that belongs to no pCPU.</summary>
    internal Nanoseconds NextTick { get; private set; } = Nanoseconds.Never;

    /// <summary>Does everything that is due: what domains have rung about, turns that have ended, pCPUs that are free.</summary>
    /// <param name="now">The time.</param>
    /// <param name="here">The pCPU whose host CPU the caller runs on, bound to it: whoever holds that pCPU does not run at this moment. Null: none.</param>
    internal void Advance(Nanoseconds now, PcpuSlot? here = null)
    {
        _now = now;
        _here = here;
        foreach (DomainEntry domain in _domains.Values)
        {
            for (ulong marks = domain.Page.TakeAttention(); marks != 0; marks &= marks - 1)
            {
                int vcpu = BitOperations.TrailingZeroCount(marks);
                if (vcpu < domain.Vcpus.Length)
                    Observe(domain.Vcpus[vcpu]);
            }
        }
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Revoking && now >= slot.HurryAt)
                HurryLate(slot);
            if (now < slot.NextLook)
                continue;
            if (slot.Holder is null)
                slot.Ask = true;
            else if (slot.Revoking)
                TakeByForce(slot);
            else
                EndTurn(slot);
        }
        Settle();
        _here = null;
    }

    /// <summary>Asks for free pCPUs until nobody has anything to say.</summary>
    private void Settle()
    {
        do
        {
            Tick();
            foreach (PcpuSlot slot in _slots)
            {
                while (slot is { Ask: true, Holder: null })
                    Decide(slot);
            }
            if (_askIdle)
            {
                // Somebody had to leave the pCPU just asked: now the scheduler knows that it waits, and another may take it.
                _askIdle = false;
                Array.ForEach(_slots, static slot => slot.Ask |= slot.Holder is null);
            }
            ShowWanted();
            NextTick = _scheduler.NextTick;
        }
        while (NextTick <= _now || Array.Exists(_slots, static slot => slot is { Ask: true, Holder: null }));
        foreach (DomainEntry domain in _domains.Values)
        {
            if (domain.Waiters.Count == 0 || !domain.IsStill)
                continue;
            domain.Waiters.ForEach(waiter => waiter.TrySetResult());
            domain.Waiters.Clear();
        }
    }
}
