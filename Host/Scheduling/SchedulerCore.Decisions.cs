using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <content>What the scheduler is asked and what is made of its answers; and who takes its place.</content>
internal sealed partial class SchedulerCore
{
    /// <summary>Puts another policy in charge of the guests that run.</summary>
    internal void Replace(IScheduler scheduler, string name, Nanoseconds now)
    {
        _now = now;
        SchedulerName = name;
        Install(scheduler);
        Settle();
    }

    private void Tick()
    {
        if (_scheduler.NextTick > _now)
            return;
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is { } holder)
                Charge(holder, slot);
        }
        PcpuSet asked = _scheduler.Tick(_now);
        if (_scheduler.NextTick <= _now)
        {
            FallBack(new SchedulingFaultException("after a tick it wants the next one at once"));
            return;
        }
        foreach (PcpuSlot slot in _slots)
        {
            if (!asked.Contains(slot.Id))
                continue;
            if (slot.Holder is null)
                slot.Ask = true;
            else
                Revoke(slot);
        }
    }

    private void Decide(PcpuSlot slot)
    {
        slot.Ask = false;
        slot.Awaited = null;
        slot.TurnEnds = Nanoseconds.Never;
        if (_scheduler.Next(slot.Id, _now) is not { } decision)
            return;
        if (decision.Vcpu is not { } key)
        {
            slot.TurnEnds = EndOf(decision.Slice);
            return;
        }
        if (!_vcpus.TryGetValue(key, out VcpuEntry? vcpu))
            FallBack(new SchedulingFaultException($"it named {key}, which does not exist"));
        else if (vcpu.Standing == Standing.Blocked)
            FallBack(new SchedulingFaultException($"it named {key}, which is not runnable"));
        else if (!vcpu.Affinity.Contains(slot.Id))
            FallBack(new SchedulingFaultException($"it named {key} for pCPU {slot.Id}, which is kept to {vcpu.Affinity}"));
        else if (vcpu.Standing == Standing.Ready)
            Grant(slot, vcpu, EndOf(decision.Slice));
        else if (vcpu.Slot!.Revoking)
            slot.Awaited = vcpu;
        else
            FallBack(new SchedulingFaultException($"it named {key} for pCPU {slot.Id}, which runs on pCPU {vcpu.Slot.Id}"));
    }

    private void Grant(PcpuSlot slot, VcpuEntry vcpu, Nanoseconds turnEnds)
    {
        // Before the grant, from which on its clock may run.
        vcpu.Charged = vcpu.Lease.CpuTime(_now);
        vcpu.ChargedAt = _now;
        if (!vcpu.Lease.TryGrant(slot.Id, turnEnds, wanted: _waiting > 1))
        {
            Withdraw(vcpu);
            slot.Ask = true;
            return;
        }
        _waiting--;
        vcpu.Standing = Standing.Running;
        vcpu.Slot = slot;
        vcpu.LastPcpu = slot.Id;
        slot.Holder = vcpu;
        slot.TurnEnds = turnEnds;
    }

    private void ShowWanted()
    {
        PcpuSet wanted = default;
        if (_waiting > 0)
        {
            foreach (VcpuEntry vcpu in _vcpus.Values)
                wanted |= vcpu.Standing == Standing.Ready ? vcpu.Affinity : default;
        }
        foreach (PcpuSlot slot in _slots)
            slot.Holder?.Lease.SetWanted(wanted.Contains(slot.Id));
        ReclaimAll(wanted);
    }

    private bool IsFree(PcpuSet among)
    {
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is null && among.Contains(slot.Id))
                return true;
        }

        return false;
    }

    private void ReclaimAll(PcpuSet wanted)
    {
        foreach (PcpuSlot slot in _slots)
        {
            if (slot.Holder is not null && wanted.Contains(slot.Id))
                Reclaim(slot);
        }
    }

    private Nanoseconds EndOf(Nanoseconds slice)
    {
        if (slice < ShortestSlice)
            slice = ShortestSlice;
        return slice.Value > Nanoseconds.Never.Value - _now.Value ? Nanoseconds.Never : _now + slice;
    }

    private void FallBack(Exception cause)
    {
        LastFailure = cause;
        SchedulerFailed?.Invoke(cause);
        SchedulerName = FallbackName;
        Install(new FallbackScheduler());
    }

    // The new scheduler takes those who run as waiting; it may name them before they have given back, and its pCPU then awaits them.
    private void Install(IScheduler scheduler)
    {
        _scheduler.Replace(scheduler);
        _scheduler.Start(_places, _now);
        foreach (VcpuEntry vcpu in _vcpus.Values)
            _scheduler.Add(vcpu.Key, _now);
        foreach (DomainEntry domain in _domains.Values)
        {
            try
            {
                Apply(domain);
            }
            catch (SchedulerParameterException refused)
            {
                ParametersRefused?.Invoke(domain.Id, refused);
            }
        }
        foreach (VcpuEntry vcpu in _vcpus.Values)
        {
            if (!_scheduler.IsAffine)
                vcpu.Affinity = PcpuSet.All;
            if (vcpu.Standing != Standing.Blocked)
                _scheduler.Wake(vcpu.Key, _now);
        }
        foreach (PcpuSlot slot in _slots)
        {
            slot.Awaited = null;
            if (slot.Holder is null)
                slot.Ask = true;
            else
                Revoke(slot);
        }
    }
}
