using Hospes.Sdk;
using Hospes.Sdk.Engines;
using static Hospes.Hypervisor.Leases.VcpuThread;

namespace Hospes.Hypervisor.Leases;

/// <summary>One vCPU's thread on the domain's side, the test on the Host's.</summary>
public sealed unsafe class LeaseProtocolTests : IDisposable
{
    private static readonly PcpuId Pcpu = new(1);
    private readonly DoorbellPage _bells = DoorbellPage.Create([-1, -1]);
    private readonly LeasePage _page = LeasePage.Create(2);
    private readonly VcpuLease _lease;
    private readonly HostLease _host;

    public LeaseProtocolTests()
    {
        _lease = new VcpuLease(_page, 1, _bells, paused: false);
        _host = new HostLease(_page.Line(1));
        _host.SetHome(Pcpu);
    }

    public void Dispose()
    {
        _page.Dispose();
        _bells.Dispose();
    }

    [Fact]
    public void Guest_code_runs_only_after_the_grant_and_the_Host_is_told_of_the_wish()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 1, "it rings the doorbell of its home");
        _page.TakeAttention().Should().Be(0b10);
        vcpu.InGuest.Should().BeFalse();
        Grant();
        Until(() => vcpu.InGuest, "the grant lets it run");
    }

    [Fact]
    public void An_exit_request_of_the_domains_own_keeps_the_lease()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        uint rings = _bells.Rings(1);
        vcpu.Kick();
        Until(() => vcpu.Entries == 2 && vcpu.InGuest, "it runs again at once");
        _bells.Rings(1).Should().Be(rings, "the Host need not know");
    }

    [Fact]
    public void Revoking_stops_guest_code_and_the_vcpu_asks_again()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        uint rings = _bells.Rings(1);
        _host.TryRevoke().Should().BeTrue();
        UntilPhase(LeasePhase.Runnable);
        vcpu.InGuest.Should().BeFalse();
        Until(() => _bells.Rings(1) == rings + 1, "it says that the pCPU is free");
        Grant();
        Until(() => vcpu.InGuest, "it runs again");
    }

    [Fact]
    public void When_nobody_waits_sleep_and_wake_up_need_no_Host()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 1, "it rings for the grant");
        Grant();
        UntilPhase(LeasePhase.Asleep);
        vcpu.Sleepy = false;
        _lease.Wake();
        Until(() => vcpu.InGuest, "it wakes in place");
        _bells.Rings(1).Should().Be(1);
        _page.TakeAttention().Should().Be(0b10, "only the first wish was announced");
    }

    [Fact]
    public void When_somebody_waits_a_sleep_gives_the_pcpu_back()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 1, "it rings for the grant");
        _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: true).Should().BeTrue();
        UntilPhase(LeasePhase.Blocked);
        Until(() => _bells.Rings(1) == 2, "it says that the pCPU is free");

        vcpu.Sleepy = false;
        _lease.Wake();
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 3, "it says that it wants one");
        Grant();
        Until(() => vcpu.InGuest, "the grant wakes it");
    }

    [Fact]
    public void The_Host_takes_a_pcpu_from_a_sleeper_but_not_from_a_runner()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        UntilPhase(LeasePhase.Runnable);
        Grant();
        UntilPhase(LeasePhase.Asleep);
        _host.TryRevoke().Should().BeFalse("it does not run");
        _host.TryReclaim().Should().BeTrue();
        _host.State.Phase.Should().Be(LeasePhase.Blocked);

        vcpu.Sleepy = false;
        _lease.Wake();
        UntilPhase(LeasePhase.Runnable);
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        _host.TryReclaim().Should().BeFalse();
        _host.TryLapse().Should().BeFalse();
    }

    [Fact]
    public void A_sleeper_without_a_timer_rings_when_it_wakes()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        UntilPhase(LeasePhase.Runnable);
        Grant();
        UntilPhase(LeasePhase.Asleep);
        uint rings = _bells.Rings(1);
        _host.TryLapse().Should().BeTrue();
        vcpu.Sleepy = false;
        _lease.Wake();
        Until(() => vcpu.InGuest && _bells.Rings(1) == rings + 1, "it runs and rings");
        _host.State.Has(LeaseFlags.RingOnWake).Should().BeFalse();
    }

    [Fact]
    public void A_yield_gives_the_pcpu_to_whoever_waits_and_keeps_it_when_nobody_does()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 1, "it rings for the grant");
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        vcpu.Yield();
        Until(() => vcpu.Entries == 2 && vcpu.InGuest, "nobody waits: it goes on");
        _bells.Rings(1).Should().Be(1, "the Host need not know");

        _host.SetWanted(true);
        vcpu.InGuest.Should().BeTrue("it is not asked to give it back");
        vcpu.Yield();
        UntilPhase(LeasePhase.Runnable);
        Until(() => _bells.Rings(1) == 2, "it says that the pCPU is free");
        Grant();
        Until(() => vcpu.InGuest, "it asks for it again, and once was enough");
        _host.State.Phase.Should().Be(LeasePhase.Running);
    }

    [Fact]
    public void A_thread_is_hurried_only_if_it_is_of_the_process_that_is_named()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Until(() => _page.Line(1)->Thread != 0, "it says which thread it is");
        _host.TryHurry(1).Should().BeFalse("init has no such thread");
        _host.TryHurry(0).Should().BeFalse();
        _page.Line(1)->Thread = 1;
        _host.TryHurry(Environment.ProcessId).Should().BeFalse("init's thread is none of this process");
    }

    [Fact]
    public void A_wake_up_before_the_sleep_is_not_lost()
    {
        _lease.Detach();
        _lease.Acquire().Should().BeTrue();
        _lease.Wake();
        _lease.Sleep(Nanoseconds.Never);
        _lease.Acquire().Should().BeTrue("the sleep returned");
    }

    [Fact]
    public void A_sleep_ends_at_its_deadline_with_or_without_the_pcpu()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        vcpu.Deadline = new Nanoseconds(0);
        UntilPhase(LeasePhase.Runnable);
        _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: true);
        Until(() => vcpu.Sleeps == 1, "it sleeps, gives the pCPU back");
        UntilPhase(LeasePhase.Runnable);
    }

    [Fact]
    public void A_pcpu_taken_by_force_is_asked_for_again_and_no_wake_up_is_lost()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        _host.TryForce().Should().BeTrue();
        vcpu.InGuest.Should().BeTrue("nothing can stop it but its poll word");
        vcpu.Kick();
        UntilPhase(LeasePhase.Runnable);
        _host.State.Has(LeaseFlags.WakePending).Should().BeTrue();
        Grant();
        Until(() => vcpu.InGuest, "it runs again");
    }

    [Fact]
    public void A_preempted_vcpu_asks_for_a_pcpu_without_giving_one_back()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        Grant();
        Until(() => _lease.CpuTime.Value > 0, "it runs");
        uint rings = _bells.Rings(1);
        Nanoseconds now = MonotonicClock.Now;
        _host.TryPreempt(now).Should().BeTrue();
        _host.State.Phase.Should().Be(LeasePhase.Runnable);
        Until(() => !vcpu.InGuest, "it leaves guest code");
        _lease.TakePreemption().Should().Be(now);
        _lease.TakePreemption().Should().BeNull("it is told once");
        Until(() => !LeaseClock.IsRunning(_page.Line(1)->Clock), "nothing is charged any more");
        _bells.Rings(1).Should().Be(rings, "the Host knows");
        long entries = vcpu.Entries;
        Grant();
        Until(() => vcpu.Entries > entries && vcpu.InGuest, "the next grant lets it run");
    }

    [Fact]
    public void A_vcpu_that_is_granted_again_before_it_notices_goes_on()
    {
        _lease.Detach();
        _lease.Acquire().Should().BeTrue();
        _lease.Attach(_bells);
        _host.TryPreempt(MonotonicClock.Now).Should().BeTrue();
        (*_lease.Poll & (uint)PollBits.Exit).Should().NotBe(0, "guest code is to stop");
        Grant();
        _lease.Acquire().Should().BeTrue();
        _lease.State.Phase.Should().Be(LeasePhase.Running);
        (*_lease.Poll & (uint)PollBits.Exit).Should().Be(0);
        LeaseClock.IsRunning(_page.Line(1)->Clock).Should().BeTrue();
    }

    [Theory]
    [InlineData(LeaseFlags.Paused)]
    [InlineData(LeaseFlags.Ending)]
    [InlineData(LeaseFlags.Detached)]
    public void One_that_is_to_stop_anyway_is_not_preempted(LeaseFlags flag)
    {
        _page.Line(1)->State = default(LeaseState).To(LeasePhase.Running).With(flag).Word;
        _host.TryPreempt(MonotonicClock.Now).Should().BeFalse();
        _lease.TakePreemption().Should().BeNull();
    }

    [Fact]
    public void After_short_sleeps_a_wake_up_is_looked_for_before_the_next()
    {
        _lease.Detach();
        _lease.Acquire();
        OpenWindow();
        _lease.State.Phase.Should().Be(LeasePhase.Running);
        _lease.State.Has(LeaseFlags.WakePending).Should().BeFalse("it has been taken");
    }

    [Theory]
    [InlineData(LeaseFlags.Wanted)]
    [InlineData(LeaseFlags.Revoke)]
    [InlineData(LeaseFlags.Ending)]
    public void Nobody_lingers_on_a_pcpu_that_others_want(LeaseFlags flag)
    {
        _lease.Detach();
        _lease.Acquire();
        OpenWindow();
        _lease.Wake();
        _page.Line(1)->State |= (uint)flag;
        _lease.Linger(Nanoseconds.Never).Should().BeFalse();
        _lease.State.Has(LeaseFlags.WakePending).Should().BeTrue("the sleep that follows ends at once");
    }

    [Fact]
    public void A_paused_vcpu_is_not_granted_and_gives_back_what_it_has()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        _host.SetPaused(true);
        _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: false).Should().BeFalse();
        _host.SetPaused(false);
        Grant();
        Until(() => vcpu.InGuest, "it runs");
        _host.SetPaused(true);
        vcpu.Kick();
        UntilPhase(LeasePhase.Runnable);
    }

    [Fact]
    public void Without_a_Host_a_vcpu_grants_itself_until_there_is_one_again()
    {
        using DoorbellPage next = DoorbellPage.Create([-1, -1]);
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        _lease.Detach();
        Until(() => vcpu.InGuest, "it runs by itself");
        _host.TryRevoke().Should().BeFalse("a Host it does not know has no say");

        _lease.Attach(next);
        next.Rings(1).Should().Be(1, "the new Host is told");
        vcpu.InGuest.Should().BeTrue("nothing stopped it");
        _host.TryRevoke().Should().BeTrue();
        UntilPhase(LeasePhase.Runnable);
        Until(() => next.Rings(1) == 2, "and rings there from now on");
    }

    [Fact]
    public void A_paused_vcpu_stays_paused_when_its_Host_goes()
    {
        using VcpuThread vcpu = Started(sleepy: true);
        UntilPhase(LeasePhase.Runnable);
        _host.SetPaused(true);
        _lease.Detach();
        _lease.Wake();
        Until(() => _lease.State.Has(LeaseFlags.WakePending), "the wake-up is noted");
        _lease.State.Phase.Should().Be(LeasePhase.Runnable);
        vcpu.Entries.Should().Be(0);
    }

    [Theory]
    [InlineData(LeasePhase.Runnable)]
    [InlineData(LeasePhase.Running)]
    [InlineData(LeasePhase.Asleep)]
    [InlineData(LeasePhase.Blocked)]
    public void The_end_reaches_the_vcpu_wherever_it_is(LeasePhase phase)
    {
        VcpuThread vcpu = Started(sleepy: phase is LeasePhase.Asleep or LeasePhase.Blocked);
        UntilPhase(LeasePhase.Runnable);
        if (phase != LeasePhase.Runnable)
            _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: phase == LeasePhase.Blocked).Should().BeTrue();
        UntilPhase(phase);
        vcpu.Dispose();
        _host.State.Phase.Should().Be(LeasePhase.Ended);
        _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: false).Should().BeFalse();
    }

    [Fact]
    public void Cpu_time_runs_while_guest_code_may_and_stands_else()
    {
        using VcpuThread vcpu = Started();
        UntilPhase(LeasePhase.Runnable);
        _lease.CpuTime.Value.Should().Be(0);
        Grant();
        Until(() => _lease.CpuTime.Value > 1_000_000, "it counts");
        _host.CpuTime(MonotonicClock.Now).Value.Should().BeGreaterThan(1_000_000);
        vcpu.Sleepy = true;
        UntilPhase(LeasePhase.Asleep);
        Nanoseconds used = _lease.CpuTime;
        Nanoseconds later = MonotonicClock.Now + new Nanoseconds(2_000_000);
        Until(() => MonotonicClock.Now > later, "time passes");
        _lease.CpuTime.Should().Be(used);
    }

    [Fact]
    public void A_state_word_of_nonsense_gets_nothing()
    {
        _page.Line(1)->State = 0xdeadbeef;
        _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: false).Should().BeFalse();
        _host.TryRevoke().Should().BeFalse();
        _host.TryReclaim().Should().BeFalse();
        _host.State.HoldsPcpu.Should().BeFalse();
    }

    [Fact]
    public void Interrupt_bits_of_the_poll_word_survive_acquiring()
    {
        _lease.Detach();
        *_lease.Poll = (uint)(PollBits.Exit | PollBits.Interrupt);
        _lease.Acquire();
        (*_lease.Poll).Should().Be((uint)PollBits.Interrupt);
    }

    // On a busy machine a short sleep may look long now and then.
    private void OpenWindow()
    {
        for (int attempt = 0; attempt < 10_000; attempt++)
        {
            _lease.Wake();
            _lease.Sleep(Nanoseconds.Never);
            _lease.Wake();
            if (_lease.Linger(Nanoseconds.Never))
                return;
            _lease.Sleep(Nanoseconds.Never);
        }

        Assert.Fail("it never lingers");
    }

    private VcpuThread Started(bool sleepy = false) => new(_lease, _lease.End, sleepy);

    private void Grant() => _host.TryGrant(Pcpu, Nanoseconds.Never, wanted: false).Should().BeTrue();

    private void UntilPhase(LeasePhase phase) => Until(() => _host.State.Phase == phase, $"it gets {phase}");
}
