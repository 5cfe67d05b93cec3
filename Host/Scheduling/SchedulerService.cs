using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Scheduling;

/// <summary>
/// Gives the host's CPUs to the guests' vCPUs: one scheduler plugin, one executor thread per pCPU, the leases of every domain. Any thread.
/// </summary>
/// <remarks>
/// One lock over everything, held for microseconds: a decision is a few list operations, and the leases themselves need no lock. A plugin that does
/// not come back holds it for ever; then the watcher starts a new <see cref="Reign"/> with a lock of its own and leaves the stuck thread to itself.
/// </remarks>
internal sealed partial class SchedulerService : IDisposable
{
    // A doorbell page that a broken domain process scribbles on can lose a ring; this bounds what that costs.
    private static readonly Nanoseconds LongestSleep = Nanoseconds.FromMilliseconds(1_000);
    private static readonly Nanoseconds OverdueReportInterval = Nanoseconds.FromMilliseconds(10_000);
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(20);

    private readonly ILogger<SchedulerService> _logger;
    private readonly Action<string> _say;
    private readonly HostTopology _topology;
    private readonly Nanoseconds _grace;
    private readonly DoorbellPage _bells;
    private readonly PcpuExecutor[] _executors;
    private readonly SchedulerClock _clock;
    private readonly SchedulerWatcher _watcher;
    private readonly Dictionary<DomainId, Nanoseconds> _overdueReported = [];
    private volatile Reign _reign;
    private volatile bool _disposed;

    /// <param name="scheduler">The policy; nobody else calls it from now on.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="topology">The pCPUs; see <see cref="HostTopology.Of"/>.</param>
    /// <param name="grace">How long a vCPU may take to give back before its pCPU is taken by force.</param>
    /// <param name="logger">Where failures of plugins and domains are reported.</param>
    /// <param name="say">Writes a line to the hypervisor's message buffer.</param>
    internal SchedulerService(
        IScheduler scheduler, string name, HostTopology topology, TimeSpan grace, ILogger<SchedulerService> logger, Action<string>? say = null)
    {
        _logger = logger;
        _say = say ?? (static _ => { });
        _topology = topology;
        _grace = new Nanoseconds(grace.Ticks * TimeSpan.NanosecondsPerTick);
        _bells = DoorbellPage.Create(topology.HostCpus);
        _reign = Begin(new SchedulerCore(scheduler, name, topology.Places, _grace, MonotonicClock.Now));
        if (_reign.Core.LastFailure is { } failure)
            SchedulerFailed(name, failure);
        _executors = [.. Enumerable.Range(0, Pcpus).Select(pcpu => new PcpuExecutor(new PcpuId(pcpu), _bells, Look))];
        _clock = new SchedulerClock(Chime);
        _watcher = new SchedulerWatcher(() => _reign.Core.Watch, GiveUp);
    }

    /// <summary>Long enough for any device access that emulates much, short enough that another guest's user hardly notices.</summary>
    internal static TimeSpan DefaultGrace => TimeSpan.FromMilliseconds(100);

    /// <summary>The policy in charge.</summary>
    internal string SchedulerName => _reign.Core.SchedulerName;

    /// <summary>The same with its long name, for the hypervisor's messages: <c>SMP Credit Scheduler (credit)</c>.</summary>
    internal string SchedulerTitle => _reign.Core is { SchedulerTitle: { } title, SchedulerName: var name } ? $"{title} ({name})" : SchedulerName;

    /// <summary>What can be set for domains under the policy in charge.</summary>
    internal IReadOnlyList<SchedulerParameter> Parameters => _reign.Core.Parameters;

    /// <summary>How many pCPUs there are.</summary>
    internal int Pcpus => _topology.Places.Count;

    /// <summary>The doorbell page, to hand to every domain's process; stays ours.</summary>
    internal SafeFileHandle DoorbellHandle => _bells.Handle;

    /// <summary>Starts giving out leases.</summary>
    internal void Start()
    {
        Array.ForEach(_executors, static executor => executor.Start());
        _clock.Start();
        _watcher.Start();
    }

    /// <summary>Takes a domain in: a new one, or one that an earlier Host has left running.</summary>
    /// <param name="domain">Its number.</param>
    /// <param name="leases">Its lease page, which this takes over.</param>
    /// <param name="paused">Whether it starts paused; null: as it was under the earlier Host.</param>
    /// <param name="tuning">What was said about its share; null: nothing.</param>
    /// <param name="process">The process that its vCPUs' threads belong to; 0: not known.</param>
    /// <exception cref="InvalidDataException">It is no lease page of ours.</exception>
    /// <exception cref="InvalidOperationException">The domain is there already.</exception>
    /// <exception cref="SchedulerParameterException">The scheduler refuses what was said about its share.</exception>
    internal void Register(DomainId domain, SafeFileHandle leases, bool? paused, DomainTuning? tuning = null, int process = 0)
    {
        LeasePage page = LeasePage.Open(leases);
        try
        {
            Do((core, now) =>
            {
                // After a takeover in the middle of this the new reign has it already.
                if (core.Domains.GetValueOrDefault(domain)?.Page != page)
                    core.Register(domain, page, paused, tuning ?? DomainTuning.Default, now, process);
            });
        }
        catch (Exception refusal) when (refusal is InvalidOperationException or SchedulerParameterException)
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>Forgets a domain whose process has ended, however it did; pCPUs it held are free. False: there was none.</summary>
    internal bool Unregister(DomainId domain) => Do((core, now) =>
    {
        _overdueReported.Remove(domain);
        return core.Unregister(domain, now);
    });

    /// <summary>Stops a domain's vCPUs. The task ends when none of them holds a pCPU; at the latest, when the domain is gone.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    internal Task PauseAsync(DomainId domain) => Do((core, now) => core.PauseAsync(domain, now));

    /// <summary>Lets a domain's vCPUs run.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    internal void Unpause(DomainId domain) => Do((core, now) => core.Unpause(domain, now));

    /// <summary>Whether a domain is paused; false also when it is not there.</summary>
    internal bool IsPaused(DomainId domain) => See((core, _) => Find(core, domain) is { Paused: true });

    /// <summary>What a domain's vCPUs are doing; empty when it is not there.</summary>
    internal IReadOnlyList<VcpuStatus> Query(DomainId domain) => See<IReadOnlyList<VcpuStatus>>((core, now) =>
        Find(core, domain) is { } entry ? [.. entry.Vcpus.Select(vcpu => VcpuStatus.Of(vcpu, now))] : []);

    /// <summary>The same for all domains, at one moment: whoever lists a hundred takes the lock once.</summary>
    internal IReadOnlyDictionary<DomainId, IReadOnlyList<VcpuStatus>> QueryAll() => See<IReadOnlyDictionary<DomainId, IReadOnlyList<VcpuStatus>>>((core, now) =>
        (_disposed ? [] : core.Domains.Values).ToDictionary(
            static domain => domain.Id, IReadOnlyList<VcpuStatus> (domain) => [.. domain.Vcpus.Select(vcpu => VcpuStatus.Of(vcpu, now))]));

    /// <summary>Keeps a vCPU to some pCPUs.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    /// <exception cref="SchedulerParameterException">The policy in charge lets vCPUs run anywhere; nothing has changed.</exception>
    internal DomainTuning SetAffinity(DomainId domain, VcpuId vcpu, PcpuSet allowed) => Do((core, now) =>
    {
        if (!core.IsAffine)
            throw new SchedulerParameterException($"the scheduler '{core.SchedulerName}' lets vCPUs run on any pCPU");
        core.SetAffinity(domain, vcpu, allowed, now);
        return core.Domains[domain].Tuning;
    });

    /// <summary>The policy in charge and a domain's parameters under it; none when it has none.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    internal (string Scheduler, IReadOnlyDictionary<string, long> Values) ReadParameters(DomainId domain) =>
        Do((core, _) => (core.SchedulerName, core.ReadParameters(domain)));

    /// <summary>Sets parameters of a domain.</summary>
    /// <returns>All that has been said about its share, to keep.</returns>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    /// <exception cref="SchedulerParameterException">They are refused; nothing has changed.</exception>
    internal DomainTuning WriteParameters(DomainId domain, IReadOnlyDictionary<string, long> values) => Do((core, now) =>
    {
        foreach (string name in values.Keys)
        {
            if (!core.Parameters.Any(parameter => string.Equals(parameter.Name, name, StringComparison.Ordinal)))
                throw new SchedulerParameterException($"the scheduler '{core.SchedulerName}' has no parameter '{name}'");
        }

        return core.WriteParameters(domain, values, now);
    });

    /// <summary>Puts another policy in charge, without stopping guests for longer than a change of turns. False: it failed at once.</summary>
    internal bool Replace(IScheduler scheduler, string name)
    {
        bool isNew = true;
        Do((core, now) =>
        {
            // Not a second time, should it be stuck and another have taken over.
            if (isNew)
            {
                isNew = false;
                core.Replace(scheduler, name, now);
            }
        });
        if (!string.Equals(SchedulerName, name, StringComparison.Ordinal))
            return false;
        _say($"Using scheduler: {SchedulerTitle}");
        return true;
    }

    /// <summary>Stops giving out leases. What is granted stays granted: the domains run on when they learn that their Host is gone.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _watcher.Stop();
        See((_, _) => _disposed = true);
        // Not under the lock, which they need to finish.
        Array.ForEach(_executors, static executor => executor.Stop());
        _clock.Stop();
        lock (_reign.Lock)
        {
            foreach (DomainEntry domain in _reign.Core.Domains.Values)
                domain.Page.Dispose();
        }
        _bells.Dispose();
    }

    // Nobody reads a lease after Dispose has unmapped it.
    private DomainEntry? Find(SchedulerCore core, DomainId domain) => _disposed ? null : core.Domains.GetValueOrDefault(domain);

    // An executor's look, thousands of times a second: no lambda, nothing allocated.
    private void Look(PcpuId pcpu, bool isAtHome)
    {
        while (true)
        {
            Reign reign = Enter();
            try
            {
                if (_disposed)
                    return; // an executor that was stuck in a plugin until now
                if (reign == _reign)
                {
                    Look(reign.Core, reign.Core.Slots[pcpu.Value], isAtHome, MonotonicClock.Now);
                    return;
                }
            }
            catch (SchedulerAbandonedException)
            {
                LogCameBack();
            }
            finally
            {
                reign.Lock.Exit();
            }
        }
    }

    private void Look(SchedulerCore core, PcpuSlot slot, bool isAtHome, Nanoseconds now)
    {
        slot.SleepsUntil = default;
        core.Advance(now, isAtHome ? slot : null);
        PlanOthers(core, except: slot, now);
        Nanoseconds latest = now + LongestSleep;
        Nanoseconds next = NextLook(core, slot);
        Plan(slot, next < latest ? next : latest);
    }

    // On the clock's thread.
    private void Chime(Nanoseconds now)
    {
        bool isPlanned = false;
        while (!isPlanned)
        {
            Reign reign = Enter();
            isPlanned = reign == _reign;
            if (isPlanned)
                Chime(reign.Core, now);
            reign.Lock.Exit();
        }
    }

    private void Chime(SchedulerCore core, Nanoseconds now)
    {
        Nanoseconds next = now + LongestSleep;
        foreach (PcpuSlot slot in core.Slots)
        {
            if (slot.SleepsUntil <= now)
                Ring(slot);
            else if (slot.SleepsUntil < next)
                next = slot.SleepsUntil;
        }

        _clock.Restart(next);
    }

    private T Do<T>(Func<SchedulerCore, Nanoseconds, T> work) => See((core, now) =>
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        T result = work(core, now);
        PlanOthers(core, except: null, now);
        return result;
    });

    private void Do(Action<SchedulerCore, Nanoseconds> work) => Do((core, now) =>
    {
        work(core, now);
        return true;
    });

    /// <summary>Works on the core of the present reign, and again on the next one's if this one is given up meanwhile.</summary>
    /// <remarks>Whoever holds the lock keeps the executors waiting, and must not be kept from a CPU by what they go before: it goes before it, too.</remarks>
    private T See<T>(Func<SchedulerCore, Nanoseconds, T> work)
    {
        bool isUrgent = HostThread.TryMakeRealTime(PcpuExecutor.Priority);
        try
        {
            while (true)
            {
                Reign reign = Enter();
                try
                {
                    if (reign == _reign)
                        return work(reign.Core, MonotonicClock.Now);
                }
                catch (SchedulerAbandonedException)
                {
                    LogCameBack();
                }
                finally
                {
                    reign.Lock.Exit();
                }
            }
        }
        finally
        {
            if (isUrgent)
                HostThread.MakeOrdinary();
        }
    }

    private Reign Enter()
    {
        while (true)
        {
            Reign reign = _reign;
            if (reign.Lock.TryEnter(LockPatience))
                return reign;
        }
    }

    // What belongs to no pCPU is done by the first one's executor.
    private static Nanoseconds NextLook(SchedulerCore core, PcpuSlot slot) =>
        slot.Id.Value == 0 && core.NextTick < slot.NextLook ? core.NextTick : slot.NextLook;

    // An executor that sleeps past what has become due at its pCPU.
    private void PlanOthers(SchedulerCore core, PcpuSlot? except, Nanoseconds now)
    {
        foreach (PcpuSlot slot in core.Slots)
        {
            Nanoseconds next = NextLook(core, slot);
            if (slot == except || slot.SleepsUntil <= next)
                continue;
            if (next <= now)
                Ring(slot);
            else
                Plan(slot, next);
        }
    }

    private void Plan(PcpuSlot slot, Nanoseconds until)
    {
        slot.SleepsUntil = until;
        _clock.Plan(until);
    }

    private void Ring(PcpuSlot slot)
    {
        if (slot.SleepsUntil == default)
            return;
        slot.SleepsUntil = default;
        _bells.Ring(slot.Id.Value);
    }

    /// <summary>The plugin is stuck in a call. On the watcher's thread; the stuck one holds the lock of the reign that ends here.</summary>
    private void GiveUp(CallWatch watch, long call, int thread)
    {
        Reign old = _reign;
        if (old.Core.Watch != watch || !watch.TryAbandon(call))
            return;
        // From here on the stuck thread cannot change the old core: it throws as soon as it is back.
        SchedulerFailed(old.Core.SchedulerName, new SchedulingFaultException($"it did not answer within {StallDetector.Limit.Value / 1_000_000} ms"));
        Nanoseconds now = MonotonicClock.Now;
        SchedulerCore core = new(null, SchedulerCore.FallbackName, _topology.Places, _grace, now);
        Reign next = Begin(core);
        foreach (DomainEntry domain in old.Core.Domains.Values)
            core.TakeOver(domain, now);
        _reign = next;
        HostThread.TryMakeIdle(thread);
        foreach (PcpuExecutor executor in _executors)
        {
            executor.Replace(thread);
            _bells.Ring(executor.Pcpu.Value);
        }
    }

    private Reign Begin(SchedulerCore core)
    {
        core.SchedulerFailed += cause => SchedulerFailed(core.SchedulerName, cause);
        core.ParametersRefused += (domain, refusal) => LogParametersRefused(domain, core.SchedulerName, refusal.Message);
        core.LeaseOverdue += LeaseOverdue;
        return new Reign(core);
    }

    private void SchedulerFailed(string scheduler, Exception cause)
    {
        LogSchedulerFailed(cause, scheduler);
        _say($"Scheduler {scheduler} failed: {cause.Message}. A plain round robin takes over.");
    }

    private void LeaseOverdue(VcpuKey vcpu, PcpuId pcpu)
    {
        Nanoseconds now = MonotonicClock.Now;
        if (_overdueReported.TryGetValue(vcpu.Domain, out Nanoseconds last) && now - last < OverdueReportInterval)
            return;
        _overdueReported[vcpu.Domain] = now;
        LogLeaseOverdue(vcpu, pcpu);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "scheduler plugin '{Scheduler}' failed; a plain round robin decides from here on and guests run on")]
    private partial void LogSchedulerFailed(Exception cause, string scheduler);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the scheduler plugin that was given up has come back")]
    private partial void LogCameBack();

    [LoggerMessage(Level = LogLevel.Warning, Message = "domain {Domain} has its defaults under the scheduler '{Scheduler}': {Refusal}")]
    private partial void LogParametersRefused(DomainId domain, string scheduler, string refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "vCPU {Vcpu} did not give back pCPU {Pcpu} in time; it was taken by force")]
    private partial void LogLeaseOverdue(VcpuKey vcpu, PcpuId pcpu);
}
