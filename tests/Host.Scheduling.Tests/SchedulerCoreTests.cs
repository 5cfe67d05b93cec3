using Hospes.Hypervisor.Leases;
using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

public sealed class SchedulerCoreTests
{
    [Theory]
    [InlineData(1, 3, false)]
    [InlineData(2, 3, false)]
    [InlineData(2, 5, false)]
    [InlineData(4, 7, false)]
    [InlineData(1, 3, true)]
    [InlineData(2, 3, true)]
    [InlineData(4, 7, true)]
    public void Hogs_share_pcpus_equally_and_leave_none_idle(int pcpus, int hogs, bool isAtHome)
    {
        const long Milliseconds = 3_000;
        var simulation = new Simulation(pcpus) { IsAtHome = isAtHome };
        SimulatedVcpu[] vcpus = [.. Enumerable.Range(1, hogs).Select(domain => simulation.Add((ushort)domain))];
        simulation.Run(Milliseconds);
        double ideal = (double)pcpus / hogs;
        vcpus.Select(vcpu => vcpu.Used.Value / 1e6 / Milliseconds).Should().OnlyContain(share => Math.Abs(share - ideal) < 0.03);
        (vcpus.Sum(vcpu => vcpu.Used.Value) / 1e6 / Milliseconds / pcpus).Should().BeGreaterThan(0.98);
    }

    [Fact]
    public void One_alone_is_never_stopped()
    {
        var simulation = new Simulation(2);
        SimulatedVcpu hog = simulation.Add(1);
        simulation.Run(1_000);
        hog.Revoked.Should().Be(0);
        hog.Used.Should().BeGreaterThan(Nanoseconds.FromMilliseconds(999));
    }

    [Fact]
    public void A_guest_alone_sleeps_in_place_and_an_idle_one_needs_no_timer()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu vcpu = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Burst = Nanoseconds.FromMilliseconds(1) });
        simulation.Run(100);
        vcpu.State.Phase.Should().Be(LeasePhase.Asleep);
        simulation.Core.Slots[0].NextLook.Should().Be(Nanoseconds.Never);
        vcpu.Wake(simulation.Now);
        vcpu.State.Phase.Should().Be(LeasePhase.Running, "it wakes without the Host");
        simulation.Run(1);
        simulation.Core.Slots[0].NextLook.Should().BeLessThan(Nanoseconds.Never, "the Host has been rung and times its turn again");
    }

    [Fact]
    public void One_that_does_not_give_back_is_hurried_soon_and_after_it_others_at_once()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu deaf = simulation.Add(1);
        deaf.Deaf = true;
        simulation.Run(1);
        SimulatedVcpu hog = simulation.Add(2);
        PcpuSlot slot = simulation.Core.Slots[0];
        for (int waited = 0; !slot.Revoking && waited < 100; waited++)
            simulation.Run(1);
        simulation.HolderOf(0).Should().Be(deaf);
        simulation.Run(1);
        slot.BusyUntil.Should().BeGreaterThan(simulation.Now, "its thread has been hurried, if it can be");
        slot.NextLook.Should().Be(slot.GraceEnds);
        deaf.Deaf = false;
        simulation.Run(1);
        simulation.HolderOf(0).Should().Be(hog);

        hog.Deaf = true;
        slot.BusyUntil.Should().BeGreaterThan(simulation.Now);
        simulation.Core.PauseAsync(hog.Key.Domain, simulation.Now);
        slot.Revoking.Should().BeTrue();
        slot.NextLook.Should().Be(slot.GraceEnds, "the host has turned out to be busy: it is hurried at once");
    }

    [Fact]
    public void A_sleeper_makes_room_at_once_when_no_pcpu_is_free()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu sleeper = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Burst = Nanoseconds.FromMilliseconds(1) });
        simulation.Run(2);
        sleeper.State.Phase.Should().Be(LeasePhase.Asleep);
        SimulatedVcpu hog = simulation.Add(2);
        simulation.Run(1);
        simulation.HolderOf(0).Should().Be(hog);
        sleeper.State.Phase.Should().Be(LeasePhase.Blocked);
    }

    [Fact]
    public void A_sleeper_keeps_its_pcpu_while_another_is_free()
    {
        var simulation = new Simulation(2);
        SimulatedVcpu sleeper = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Burst = Nanoseconds.FromMilliseconds(1) });
        simulation.Run(2);
        simulation.Add(2);
        simulation.Run(100);
        sleeper.State.Phase.Should().Be(LeasePhase.Asleep);
        simulation.HolderOf(1).Should().NotBeNull();
    }

    [Fact]
    public void Sleepers_among_hogs_get_their_turn_within_everybodys_slices()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu sleeper = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page)
        {
            Burst = Nanoseconds.FromMilliseconds(1),
            Nap = Nanoseconds.FromMilliseconds(7),
        });
        SimulatedVcpu[] hogs = [simulation.Add(2), simulation.Add(3)];
        simulation.Run(3_000);
        sleeper.LongestWait.Should().BeLessThanOrEqualTo(Nanoseconds.FromMilliseconds(61));
        sleeper.Used.Should().BeGreaterThan(Nanoseconds.FromMilliseconds(40));
        (hogs[0].Used.Value / (double)hogs[1].Used.Value).Should().BeApproximately(1, 0.03);
    }

    [Fact]
    public async Task A_paused_domain_gives_back_and_stays_off_until_unpaused()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu vcpu = simulation.Add(1);
        simulation.Run(5);
        Task still = simulation.Core.PauseAsync(vcpu.Key.Domain, simulation.Now);
        still.IsCompleted.Should().BeFalse("it still runs");
        simulation.Run(1);
        await still;
        Nanoseconds used = vcpu.Used;
        simulation.Run(100);
        vcpu.Used.Should().Be(used);
        simulation.Core.Slots[0].Holder.Should().BeNull();
        simulation.Core.Unpause(vcpu.Key.Domain, simulation.Now);
        simulation.Run(10);
        vcpu.Used.Should().BeGreaterThan(used);
    }

    [Fact]
    public async Task Pausing_one_who_waits_or_sleeps_needs_no_waiting()
    {
        var simulation = new Simulation(2);
        SimulatedVcpu sleeper = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Burst = Simulation.Step });
        simulation.Run(2);
        await simulation.Core.PauseAsync(sleeper.Key.Domain, simulation.Now);
        sleeper.State.Phase.Should().Be(LeasePhase.Blocked);
        sleeper.Wake(simulation.Now);
        simulation.Run(5);
        sleeper.State.Phase.Should().Be(LeasePhase.Runnable, "its wake-up is kept for later");
        simulation.Core.Unpause(sleeper.Key.Domain, simulation.Now);
        sleeper.State.Phase.Should().Be(LeasePhase.Running);
    }

    [Fact]
    public void On_its_own_host_cpu_a_pcpu_changes_hands_in_one_look()
    {
        const long Milliseconds = 1_000;
        var simulation = new Simulation(1) { IsAtHome = true };
        SimulatedVcpu deaf = simulation.Add(1);
        deaf.Deaf = true;
        SimulatedVcpu hog = simulation.Add(2);
        simulation.Run(Milliseconds);
        new[] { deaf, hog }.Select(vcpu => vcpu.Used.Value / 1e6 / Milliseconds).Should().OnlyContain(share => Math.Abs(share - 0.5) < 0.05);
        simulation.Overdue.Should().BeEmpty("nobody was waited for");
        hog.Revoked.Should().Be(0, "nobody had to give back");
    }

    [Fact]
    public void A_paused_vcpu_is_not_taken_for_one_that_waits()
    {
        var simulation = new Simulation(1) { IsAtHome = true };
        SimulatedVcpu hog = simulation.Add(1);
        simulation.Run(10);
        Task paused = simulation.Core.PauseAsync(hog.Key.Domain, simulation.Now);
        simulation.Run(1);
        paused.IsCompleted.Should().BeTrue();
        simulation.Core.Slots[0].Holder.Should().BeNull();
    }

    [Fact]
    public void A_domain_created_paused_does_not_run()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu vcpu = simulation.Add(1, paused: true);
        simulation.Run(50);
        vcpu.Used.Value.Should().Be(0);
        simulation.Core.Domains[vcpu.Key.Domain].Paused.Should().BeTrue();
    }

    [Fact]
    public void A_domain_that_dies_on_a_pcpu_leaves_it_to_the_others()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu first = simulation.Add(1);
        SimulatedVcpu second = simulation.Add(2);
        simulation.Run(5);
        simulation.HolderOf(0).Should().Be(first);
        simulation.Remove(first);
        simulation.HolderOf(0).Should().Be(second);
        simulation.Core.Unregister(first.Key.Domain, simulation.Now).Should().BeFalse("it is gone");
        simulation.Run(100);
        second.Used.Should().BeGreaterThan(Nanoseconds.FromMilliseconds(98));
    }

    [Fact]
    public async Task Who_waits_for_a_domain_to_pause_is_told_when_it_dies()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu vcpu = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Deaf = true });
        simulation.Run(5);
        Task still = simulation.Core.PauseAsync(vcpu.Key.Domain, simulation.Now);
        simulation.Remove(vcpu);
        await still;
    }

    [Fact]
    public void A_vcpu_that_does_not_give_back_loses_its_pcpu_after_the_grace()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu deaf = simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { Deaf = true });
        SimulatedVcpu good = simulation.Add(2);
        simulation.Run(140);
        good.Used.Value.Should().BePositive();
        simulation.Overdue.Should().Equal(deaf.Key);
        deaf.State.Has(LeaseFlags.WakePending).Should().BeTrue();

        deaf.Deaf = false;
        deaf.Wake(simulation.Now);
        simulation.Run(100);
        deaf.State.Phase.Should().BeOneOf(LeasePhase.Running, LeasePhase.Runnable);
        simulation.Overdue.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(LeasePhase.Runnable)]
    [InlineData(LeasePhase.Running)]
    [InlineData(LeasePhase.Asleep)]
    [InlineData(LeasePhase.Blocked)]
    public void A_domain_left_by_an_earlier_Host_is_taken_in_as_it_is(LeasePhase phase)
    {
        var simulation = new Simulation(1);
        SimulatedVcpu hog = simulation.Add(1);
        simulation.Run(5);
        SimulatedVcpu adopted = simulation.Add(2, before: vcpu => vcpu.State = new LeaseState(0).To(phase));
        simulation.Run(1);
        adopted.HoldsPcpu.Should().BeFalse("the pCPU is the hog's");
        if (phase is LeasePhase.Blocked or LeasePhase.Asleep)
            adopted.Wake(simulation.Now);
        simulation.Run(500);
        (adopted.Used.Value / (double)hog.Used.Value).Should().BeApproximately(1, 0.1);
    }

    [Fact]
    public void A_domain_paused_under_an_earlier_Host_stays_paused()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu adopted = simulation.Add(1, before: vcpu => vcpu.State = new LeaseState(0).To(LeasePhase.Runnable).With(LeaseFlags.Paused));
        simulation.Run(50);
        adopted.State.Phase.Should().Be(LeasePhase.Runnable);
        simulation.Core.Unpause(adopted.Key.Domain, simulation.Now);
        adopted.State.Phase.Should().Be(LeasePhase.Running);
    }

    [Fact]
    public void A_domain_that_has_lost_its_Host_keeps_nothing_when_others_wait()
    {
        var simulation = new Simulation(1);
        SimulatedVcpu lost = simulation.Add(1);
        simulation.Run(5);
        lost.State = lost.State.With(LeaseFlags.Detached);
        SimulatedVcpu hog = simulation.Add(2);
        simulation.Run(100);
        simulation.HolderOf(0).Should().Be(hog);
        hog.Used.Should().BeGreaterThan(Nanoseconds.FromMilliseconds(65));
    }

    [Theory]
    [InlineData(0xffffffffu)]
    [InlineData(0x000000c3u)]
    [InlineData(0x00000009u)]
    public void A_lease_full_of_nonsense_costs_nobody_else_anything(uint word)
    {
        var simulation = new Simulation(1);
        SimulatedVcpu hog = simulation.Add(1);
        SimulatedVcpu broken = simulation.Add(2);
        simulation.Run(31);
        simulation.HolderOf(0).Should().Be(broken);
        broken.State = new LeaseState(word);
        simulation.Run(300);
        hog.Used.Should().BeGreaterThan(Nanoseconds.FromMilliseconds(200));
    }

    [Fact]
    public void Another_scheduler_takes_over_without_stopping_anybody_for_long()
    {
        var simulation = new Simulation(2);
        SimulatedVcpu[] vcpus = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        simulation.Run(300);
        simulation.Core.Replace(new RoundRobinScheduler(), "other", simulation.Now);
        simulation.Run(600);
        simulation.Failures.Should().BeEmpty();
        vcpus.Select(vcpu => vcpu.Used.Value / 9e8).Should().OnlyContain(share => Math.Abs(share - (2 / 3.0)) < 0.05);
    }

    [Fact]
    public void A_domain_cannot_be_taken_in_twice()
    {
        var simulation = new Simulation(1);
        simulation.Add(1);
        simulation.Invoking(s => s.Add(1)).Should().Throw<InvalidOperationException>().WithMessage("domain 1 *already*");
    }
}
