using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <content>What leases say, and how pCPUs are asked back from their holders.</content>
internal sealed partial class SchedulerCore
{
    /// <summary>Brings the record of a vCPU in line with its lease.</summary>
    private void Observe(VcpuEntry vcpu)
    {
        LeaseState state = vcpu.Lease.State;
        switch (state.Phase)
        {
            case LeasePhase.Runnable when Ours(state) && state.MayRun:
                if (vcpu.Standing == Standing.Running)
                    Release(vcpu.Slot!, Standing.Ready);
                else if (vcpu.Standing == Standing.Blocked)
                    MakeReady(vcpu);
                break;
            case LeasePhase.Running when Ours(state) && vcpu.Slot is { } slot:
                // It has woken in place after its timer lapsed: a turn that is over begins anew, if the scheduler agrees.
                if (slot.Lapsed)
                    EndTurn(slot);
                break;
            case LeasePhase.Asleep when Ours(state) && vcpu.Slot is { } slot:
                if (slot.Revoking)
                    Reclaim(slot);
                break;
            case LeasePhase.Running or LeasePhase.Asleep when Ours(state):
                // Granted by an earlier Host, or by itself while it had none.
                Withdraw(vcpu);
                if (!vcpu.Lease.TryReclaim())
                    vcpu.Lease.TryRevoke();
                break;
            default:
                Withdraw(vcpu);
                break;
        }
    }

    private static bool Ours(LeaseState state) => !state.Has(LeaseFlags.Detached | LeaseFlags.Ending);

    private void MakeReady(VcpuEntry vcpu)
    {
        vcpu.Standing = Standing.Ready;
        _waiting++;
        // The scheduler takes sleepers as running: it shall see the pCPUs that they would give up anyway as idle ones.
        if (!IsFree(vcpu.Affinity))
            ReclaimAll(vcpu.Affinity);
        if (_scheduler.Wake(vcpu.Key, _now) is not { } called)
            return;
        if ((uint)called.Value >= (uint)_slots.Length)
        {
            FallBack(new SchedulingFaultException($"it called pCPU {called}, and there are {_slots.Length}"));
            return;
        }
        PcpuSlot slot = _slots[called.Value];
        if (slot.Holder is null)
            slot.Ask = true;
        else
            Revoke(slot);
    }

    /// <summary>Not runnable any more, wherever it was.</summary>
    private void Withdraw(VcpuEntry vcpu)
    {
        Standing before = vcpu.Standing;
        if (before == Standing.Blocked)
            return;
        if (before == Standing.Running)
        {
            Release(vcpu.Slot!, Standing.Blocked);
        }
        else
        {
            vcpu.Standing = Standing.Blocked;
            _waiting--;
        }
        _scheduler.Block(vcpu.Key, _now);
    }

    /// <summary>Takes the holder off its pCPU. For the scheduler it stays runnable; a caller that knows better says so afterwards.</summary>
    private void Release(PcpuSlot slot, Standing next)
    {
        VcpuEntry holder = slot.Holder!;
        slot.Holder = null;
        slot.Revoking = false;
        slot.Lapsed = false;
        slot.TurnEnds = Nanoseconds.Never;
        slot.Ask = true;
        holder.Slot = null;
        holder.Standing = next;
        if (next == Standing.Ready)
            _waiting++;
        Charge(holder, slot);
        _askIdle |= !holder.Affinity.Contains(slot.Id);
        foreach (PcpuSlot other in _slots)
        {
            if (other.Awaited != holder)
                continue;
            other.Awaited = null;
            other.Ask = true;
        }
    }

    private void Charge(VcpuEntry vcpu, PcpuSlot slot)
    {
        Nanoseconds total = vcpu.Lease.CpuTime(_now);
        // The domain's process counts; it cannot have used more than passed, nor less than nothing.
        long ran = Math.Clamp(total.Value - vcpu.Charged.Value, 0, (_now - vcpu.ChargedAt).Value);
        vcpu.Charged = total;
        vcpu.ChargedAt = _now;
        _scheduler.Charge(vcpu.Key, slot.Id, new Nanoseconds(ran), _now);
    }

    private void EndTurn(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        slot.Lapsed = false;
        if (_waiting == 0 && holder.Lease.TryLapse())
        {
            slot.Lapsed = true;
            SetTurn(slot, Nanoseconds.Never);
            return;
        }
        if (_waiting == 0 && MayStay(slot))
            return;
        // The plugin may have failed meanwhile, and the holder be asked already.
        if (slot.Holder == holder)
            Revoke(slot);
    }

    private bool MayStay(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        Charge(holder, slot);
        if (slot.Holder != holder || slot.Revoking || _scheduler.Next(slot.Id, _now) is not { } decision || decision.Vcpu != holder.Key)
            return false;
        SetTurn(slot, EndOf(decision.Slice));
        return true;
    }

    private void Revoke(PcpuSlot slot)
    {
        if (slot.Revoking)
            return;
        VcpuEntry holder = slot.Holder!;
        if (slot == _here && holder.Lease.TryPreempt(_now))
        {
            Release(slot, Standing.Ready);
            return;
        }

        slot.Revoking = true;
        slot.GraceEnds = _now + _grace;
        bool isBusy = _now < slot.BusyUntil;
        slot.HurryAt = isBusy ? Nanoseconds.Never : _now + HurryAfter;
        slot.HurryLook = isBusy ? Nanoseconds.Never : _now + HurryLookAfter;
        // A vCPU that goes to sleep or wakes between the two is met by the third.
        if (holder.Lease.TryRevoke())
        {
            if (isBusy)
                Hurry(holder);
            return;
        }

        if (!Reclaim(slot) && !holder.Lease.TryRevoke())
            Observe(holder);
    }

    // It has not come back in time: that tells of a host with other work.
    private void HurryLate(PcpuSlot slot)
    {
        slot.HurryAt = slot.HurryLook = Nanoseconds.Never;
        slot.BusyUntil = _now + BusyFor;
        Hurry(slot.Holder!);
    }

    private void Hurry(VcpuEntry holder)
    {
        int process = _domains[holder.Key.Domain].Process;
        if (process != 0 && holder.Lease.State is { Phase: LeasePhase.Running } state && state.Has(LeaseFlags.Revoke))
            holder.Lease.TryHurry(process);
    }

    private bool Reclaim(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        if (!holder.Lease.TryReclaim())
            return false;
        Withdraw(holder);
        return true;
    }

    private void TakeByForce(PcpuSlot slot)
    {
        VcpuEntry holder = slot.Holder!;
        if (holder.Lease.TryForce())
        {
            Withdraw(holder);
            LeaseOverdue?.Invoke(holder.Key, slot.Id);
            return;
        }
        Observe(holder);
        // It changes its mind faster than we look. Its next ring brings it back.
        if (slot.Holder == holder)
            Withdraw(holder);
    }

    private static void SetTurn(PcpuSlot slot, Nanoseconds ends)
    {
        slot.TurnEnds = ends;
        slot.Holder!.Lease.SetTurnEnds(ends);
    }
}
