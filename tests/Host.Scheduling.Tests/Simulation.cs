using Hospes.Hypervisor.Leases;
using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>Executors and vCPUs on simulated time, with the promises checked at every step.</summary>
internal sealed class Simulation
{
    internal static readonly Nanoseconds Step = new(100_000);
    internal static readonly Nanoseconds Grace = Nanoseconds.FromMilliseconds(100);
    private readonly List<SimulatedVcpu> _vcpus = [];
    private int _looks;

    internal Simulation(int pcpus, IScheduler? scheduler = null)
    {
        Core = new SchedulerCore(scheduler ?? new RoundRobinScheduler(), "tried", HostTopology.Unbound(pcpus).Places, Grace, Now);
        Core.SchedulerFailed += Failures.Add;
        Core.LeaseOverdue += (vcpu, _) => Overdue.Add(vcpu);
    }

    internal SchedulerCore Core { get; }

    /// <summary>Each look comes from a pCPU's own host CPU, one after the other.</summary>
    internal bool IsAtHome { get; init; }

    /// <summary>The scheduler keeps vCPUs waiting though there is a pCPU, as caps and reservations do.</summary>
    internal bool HoldsBack { get; init; }

    internal Nanoseconds Now { get; private set; } = Nanoseconds.FromMilliseconds(1);

    internal List<Exception> Failures { get; } = [];

    internal List<VcpuKey> Overdue { get; } = [];

    /// <summary>A domain with one vCPU.</summary>
    internal SimulatedVcpu Add(ushort domain, Func<VcpuKey, LeasePage, SimulatedVcpu>? make = null, bool? paused = null, Action<SimulatedVcpu>? before = null)
    {
        LeasePage page = LeasePage.Create(1);
        var key = new VcpuKey(new DomainId(domain), new VcpuId(0));
        SimulatedVcpu vcpu = make?.Invoke(key, page) ?? new SimulatedVcpu(key, page);
        before?.Invoke(vcpu);
        Core.Register(key.Domain, page, paused, DomainTuning.Default, Now);
        _vcpus.Add(vcpu);
        return vcpu;
    }

    internal void Remove(SimulatedVcpu vcpu)
    {
        _vcpus.Remove(vcpu);
        Core.Unregister(vcpu.Key.Domain, Now).Should().BeTrue();
    }

    internal void Run(long milliseconds)
    {
        for (Nanoseconds end = Now + Nanoseconds.FromMilliseconds(milliseconds); Now < end;)
        {
            Now += Step;
            _vcpus.ForEach(vcpu => vcpu.Step(Now, Step));
            Core.Advance(Now, IsAtHome ? Core.Slots[_looks++ % Core.Slots.Count] : null);
            CheckPromises();
        }
    }

    internal SimulatedVcpu? HolderOf(int pcpu) => Core.Slots[pcpu].Holder is { } holder ? _vcpus.Single(vcpu => vcpu.Key == holder.Key) : null;

    private void CheckPromises()
    {
        PcpuSlot[] held = [.. Core.Slots.Where(slot => slot.Holder is not null)];
        held.Select(slot => slot.Holder!.Key).Should().OnlyHaveUniqueItems("a vCPU is on one pCPU at most");
        foreach (PcpuSlot slot in held)
        {
            slot.Holder!.Slot.Should().Be(slot);
            slot.Holder.Standing.Should().Be(Standing.Running);
        }
        bool idle = held.Length < Core.Slots.Count;
        bool starving = Core.Domains.Values.SelectMany(domain => domain.Vcpus).Any(vcpu => vcpu.Standing == Standing.Ready);
        (!HoldsBack && idle && starving && held.All(slot => !slot.Revoking)).Should().BeFalse("no pCPU is left idle while somebody waits");
    }
}
