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
/// <remarks>One lock over everything, held for microseconds: a decision is a few list operations, and the leases themselves need no lock.</remarks>
internal sealed partial class SchedulerService : IDisposable
{
    // A doorbell page that a broken domain process scribbles on can lose a ring; this bounds what that costs.
    private static readonly Nanoseconds LongestSleep = Nanoseconds.FromMilliseconds(1_000);
    private static readonly Nanoseconds OverdueReportInterval = Nanoseconds.FromMilliseconds(10_000);

    private readonly Lock _lock = new();
    private readonly ILogger<SchedulerService> _logger;
    private readonly DoorbellPage _bells;
    private readonly SchedulerCore _core;
    private readonly PcpuExecutor[] _executors;
    private readonly Dictionary<DomainId, Nanoseconds> _overdueReported = [];
    private bool _disposed;

    /// <param name="scheduler">The policy; nobody else calls it from now on.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="hostCpus">The host's number of each pCPU, negative where threads are not to be bound; see <see cref="AllowedCpus"/>.</param>
    /// <param name="grace">How long a vCPU may take to give back before its pCPU is taken by force.</param>
    /// <param name="logger">Where failures of plugins and domains are reported.</param>
    internal SchedulerService(IScheduler scheduler, string name, IReadOnlyList<int> hostCpus, TimeSpan grace, ILogger<SchedulerService> logger)
    {
        SchedulerName = name;
        _logger = logger;
        _bells = DoorbellPage.Create(hostCpus);
        _core = new SchedulerCore(scheduler, hostCpus.Count, new Nanoseconds(grace.Ticks * TimeSpan.NanosecondsPerTick), MonotonicClock.Now);
        _core.SchedulerFailed += SchedulerFailed;
        _core.LeaseOverdue += LeaseOverdue;
        _executors = [.. _core.Slots.Select(slot => new PcpuExecutor(slot.Id, _bells, Look))];
    }

    /// <summary>Long enough for any device access that emulates much, short enough that another guest's user hardly notices.</summary>
    internal static TimeSpan DefaultGrace => TimeSpan.FromMilliseconds(100);

    /// <summary>The host CPUs this process may use, in the host's order: the pCPUs when nobody says otherwise.</summary>
    internal static IReadOnlyList<int> AllowedCpus => CpuAffinity.OfThisThread().Cpus;

    /// <summary>The policy in charge.</summary>
    internal string SchedulerName { get; private set; }

    /// <summary>How many pCPUs there are.</summary>
    internal int Pcpus => _core.Slots.Count;

    /// <summary>The doorbell page, to hand to every domain's process; stays ours.</summary>
    internal SafeFileHandle DoorbellHandle => _bells.Handle;

    /// <summary>Starts giving out leases.</summary>
    internal void Start() => Array.ForEach(_executors, executor => executor.Start());

    /// <summary>Takes a domain in: a new one, or one that an earlier Host has left running.</summary>
    /// <param name="domain">Its number.</param>
    /// <param name="leases">Its lease page, which this takes over.</param>
    /// <param name="paused">Whether it starts paused; null: as it was under the earlier Host.</param>
    /// <exception cref="InvalidDataException">It is no lease page of ours.</exception>
    /// <exception cref="InvalidOperationException">The domain is there already.</exception>
    internal void Register(DomainId domain, SafeFileHandle leases, bool? paused)
    {
        LeasePage page = LeasePage.Open(leases);
        try
        {
            Do(now => _core.Register(domain, page, paused, now));
        }
        catch (InvalidOperationException)
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>Forgets a domain whose process has ended, however it did; pCPUs it held are free. False: there was none.</summary>
    internal bool Unregister(DomainId domain) => Do(now =>
    {
        _overdueReported.Remove(domain);
        return _core.Unregister(domain, now);
    });

    /// <summary>Stops a domain's vCPUs. The task ends when none of them holds a pCPU; at the latest, when the domain is gone.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    internal Task PauseAsync(DomainId domain) => Do(now => _core.PauseAsync(domain, now));

    /// <summary>Lets a domain's vCPUs run.</summary>
    /// <exception cref="KeyNotFoundException">There is no such domain.</exception>
    internal void Unpause(DomainId domain) => Do(now => _core.Unpause(domain, now));

    /// <summary>Whether a domain is paused; false also when it is not there.</summary>
    internal bool IsPaused(DomainId domain)
    {
        lock (_lock)
            return Find(domain) is { Paused: true };
    }

    /// <summary>What a domain's vCPUs are doing; empty when it is not there.</summary>
    internal IReadOnlyList<VcpuStatus> Query(DomainId domain)
    {
        lock (_lock)
        {
            Nanoseconds now = MonotonicClock.Now;
            return Find(domain) is { } entry ? [.. entry.Vcpus.Select(vcpu => VcpuStatus.Of(vcpu, now))] : [];
        }
    }

    /// <summary>Puts another policy in charge, without stopping guests for longer than a change of turns.</summary>
    internal void Replace(IScheduler scheduler, string name) => Do(now =>
    {
        SchedulerName = name;
        _core.Replace(scheduler, now);
    });

    /// <summary>Stops giving out leases. What is granted stays granted: the domains run on when they learn that their Host is gone.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        // Not under the lock, which they need to finish.
        Array.ForEach(_executors, executor => executor.Stop());
        lock (_lock)
        {
            foreach (DomainEntry domain in _core.Domains.Values)
                domain.Page.Dispose();
        }
        _bells.Dispose();
    }

    // Nobody reads a lease after Dispose has unmapped it.
    private DomainEntry? Find(DomainId domain) => _disposed ? null : _core.Domains.GetValueOrDefault(domain);

    private Nanoseconds Look(PcpuId pcpu)
    {
        lock (_lock)
        {
            Nanoseconds now = MonotonicClock.Now;
            PcpuSlot slot = _core.Slots[pcpu.Value];
            slot.SleepsUntil = default;
            _core.Advance(now);
            RingOthers(except: slot);
            Nanoseconds latest = now + LongestSleep;
            slot.SleepsUntil = slot.NextLook < latest ? slot.NextLook : latest;
            return slot.SleepsUntil;
        }
    }

    private T Do<T>(Func<Nanoseconds, T> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            T result = work(MonotonicClock.Now);
            RingOthers(except: null);
            return result;
        }
    }

    private void Do(Action<Nanoseconds> work) => Do(now =>
    {
        work(now);
        return true;
    });

    // An executor that sleeps past what has become due at its pCPU is woken to set its alarm anew.
    private void RingOthers(PcpuSlot? except)
    {
        foreach (PcpuSlot slot in _core.Slots)
        {
            if (slot == except || slot.SleepsUntil <= slot.NextLook)
                continue;
            slot.SleepsUntil = default;
            _bells.Ring(slot.Id.Value);
        }
    }

    private void SchedulerFailed(Exception cause)
    {
        LogSchedulerFailed(cause, SchedulerName);
        SchedulerName = "fallback";
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "vCPU {Vcpu} did not give back pCPU {Pcpu} in time; it was taken by force")]
    private partial void LogLeaseOverdue(VcpuKey vcpu, PcpuId pcpu);
}
