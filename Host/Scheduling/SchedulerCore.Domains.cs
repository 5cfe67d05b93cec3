using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <content>Domains that come and go, pause, and get other shares.</content>
internal sealed partial class SchedulerCore
{
    /// <summary>Takes a domain in, in whatever state an earlier Host or none has left its leases.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="page">Its leases; the domain is the owner from now on.</param>
    /// <param name="paused">Whether it may run; null: as its leases say.</param>
    /// <param name="tuning">What was said about its share.</param>
    /// <param name="now">The time.</param>
    /// <param name="process">The process its vCPUs' threads belong to; 0: they are never hurried.</param>
    /// <exception cref="SchedulerParameterException">The scheduler refuses the parameters of a new domain, which is not taken in.</exception>
    internal void Register(DomainId id, LeasePage page, bool? paused, DomainTuning tuning, Nanoseconds now, int process = 0)
    {
        if (_domains.ContainsKey(id))
            throw new InvalidOperationException($"domain {id} is scheduled already");
        _now = now;
        var domain = new DomainEntry(id, page, [.. Enumerable.Range(0, page.Vcpus).Select(vcpu => Entry(id, page, vcpu))], tuning) { Process = process };
        domain.Paused = paused ?? domain.Vcpus.Any(vcpu => vcpu.Lease.State.Has(LeaseFlags.Paused));
        _domains.Add(id, domain);
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.LastPcpu = new PcpuId(_nextHome++ % _slots.Length);
            vcpu.Lease.SetHome(vcpu.LastPcpu);

            // What it has used under an earlier Host was charged there.
            vcpu.Charged = vcpu.Lease.CpuTime(now);
            vcpu.ChargedAt = now;
            vcpu.Lease.SetPaused(domain.Paused);
            _vcpus.Add(vcpu.Key, vcpu);
            _scheduler.Add(vcpu.Key, now);
        }
        try
        {
            Apply(domain);
        }
        catch (SchedulerParameterException refusal) when (paused is null)
        {
            // It runs already, and another scheduler is in charge than was: as when schedulers are changed.
            ParametersRefused?.Invoke(id, refusal);
        }
        catch (SchedulerParameterException)
        {
            Forget(domain);
            throw;
        }
        Array.ForEach(domain.Vcpus, Observe);
        Settle();
    }

    /// <summary>Takes a domain in from a core that has been given up, with the leases that it has granted.</summary>
    internal void TakeOver(DomainEntry domain, Nanoseconds now)
    {
        Register(domain.Id, domain.Page, domain.Paused, domain.Tuning, now, domain.Process);
        _domains[domain.Id].Waiters.AddRange(domain.Waiters);
        Settle();
    }

    /// <summary>Forgets a domain that has ended, however it did; pCPUs it held are free. False: there was none.</summary>
    internal bool Unregister(DomainId id, Nanoseconds now)
    {
        _now = now;
        if (!_domains.TryGetValue(id, out DomainEntry? domain))
            return false;
        Forget(domain);
        Settle();
        domain.Waiters.ForEach(waiter => waiter.TrySetResult());
        domain.Page.Dispose();
        return true;
    }

    /// <summary>Stops a domain's vCPUs; the task ends when none holds a lease.</summary>
    internal Task PauseAsync(DomainId id, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Paused = true;
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.Lease.SetPaused(true);
            if (vcpu.Slot is { } slot)
                Revoke(slot);
            else
                Observe(vcpu);
        }
        Settle();
        if (domain.IsStill)
            return Task.CompletedTask;
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        domain.Waiters.Add(waiter);
        return waiter.Task;
    }

    /// <summary>Lets a domain's vCPUs run again.</summary>
    internal void Unpause(DomainId id, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Paused = false;
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            vcpu.Lease.SetPaused(false);
            Observe(vcpu);
        }
        Settle();
    }

    /// <summary>Keeps a vCPU to some pCPUs.</summary>
    internal void SetAffinity(DomainId id, VcpuId vcpu, PcpuSet allowed, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        domain.Tuning = domain.Tuning with { Affinity = domain.Tuning.Affinity.SetItem(vcpu.Value, allowed) };
        Confine(domain.Vcpus[vcpu.Value]);
        Settle();
    }

    /// <summary>The parameters of a domain under the scheduler in charge; none when that has none.</summary>
    internal IReadOnlyDictionary<string, long> ReadParameters(DomainId id) => _scheduler.Read(_domains[id].Id);

    /// <summary>Sets parameters of a domain; they are kept for later reigns of the same scheduler.</summary>
    /// <exception cref="SchedulerParameterException">The scheduler refuses them; nothing has changed.</exception>
    internal DomainTuning WriteParameters(DomainId id, IReadOnlyDictionary<string, long> values, Nanoseconds now)
    {
        _now = now;
        DomainEntry domain = _domains[id];
        _scheduler.Write(id, values, now);
        domain.Tuning = domain.Tuning.With(SchedulerName, _scheduler.Parameters, values);
        Settle();
        return domain.Tuning;
    }

    private void Forget(DomainEntry domain)
    {
        _domains.Remove(domain.Id);
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            Withdraw(vcpu);
            _vcpus.Remove(vcpu.Key);
            _scheduler.Remove(vcpu.Key, _now);
        }
        Array.ForEach(_slots, static slot => slot.Ask |= slot.Holder is null);
    }

    /// <summary>Tells the scheduler what was said about a domain that it has just been given.</summary>
    private void Apply(DomainEntry domain)
    {
        foreach (VcpuEntry vcpu in domain.Vcpus)
        {
            if (domain.Tuning.Affinity.ContainsKey(vcpu.Key.Vcpu.Value))
                Confine(vcpu);
        }
        if (domain.Tuning.ValuesFor(SchedulerName, _scheduler.Parameters) is { Count: > 0 } values)
            _scheduler.Write(domain.Id, values, _now);
    }

    private void Confine(VcpuEntry vcpu)
    {
        if (!_scheduler.IsAffine)
        {
            vcpu.Affinity = PcpuSet.All;
            return;
        }
        vcpu.Affinity = _domains[vcpu.Key.Domain].Tuning.AffinityOf(vcpu.Key.Vcpu);
        _scheduler.SetAffinity(vcpu.Key, vcpu.Affinity, _now);
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is null)
                slot.Ask = true;
            else if (slot.Holder == vcpu && !vcpu.Affinity.Contains(slot.Id))
                Revoke(slot);
        }
    }

    private VcpuEntry Entry(DomainId domain, LeasePage page, int vcpu)
    {
        unsafe
        {
            // The page is disposed only after Unregister has dropped the entry.
            return new VcpuEntry(new VcpuKey(domain, new VcpuId(vcpu)), new HostLease(page.Line(vcpu)));
        }
    }
}
