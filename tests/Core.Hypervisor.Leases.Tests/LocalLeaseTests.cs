using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using static Hospes.Hypervisor.Leases.VcpuThread;

namespace Hospes.Hypervisor.Leases;

public sealed class LocalLeaseTests
{
    [Fact]
    public void It_is_granted_at_once_sleeps_wakes_and_ends()
    {
        using var lease = new LocalLease();
        using (var vcpu = new VcpuThread(lease, lease.End))
        {
            Until(() => vcpu.InGuest && lease.CpuTime.Value > 0, "it runs");
            vcpu.Sleepy = true;
            Until(() => vcpu.Sleeps == 1 && !vcpu.InGuest, "it sleeps");
            vcpu.Sleepy = false;
            lease.Wake();
            Until(() => vcpu.InGuest, "it runs again");
            vcpu.Kick();
            Until(() => vcpu.Entries >= 3, "an exit request brings it back once");
        }
        lease.Acquire().Should().BeFalse();
    }

    [Fact]
    public void A_wake_up_before_the_sleep_is_not_lost_and_deadlines_end_sleeps()
    {
        using var lease = new LocalLease();
        lease.Wake();
        lease.Sleep(Nanoseconds.Never);
        Nanoseconds deadline = MonotonicClock.Now + new Nanoseconds(2_000_000);
        lease.Sleep(deadline);
        MonotonicClock.Now.Should().BeGreaterThanOrEqualTo(deadline);
    }

    [Fact]
    public void A_sleeping_vcpu_ends()
    {
        using var lease = new LocalLease();
        var vcpu = new VcpuThread(lease, lease.End, sleepy: true);
        Until(() => vcpu.Sleeps == 1, "it sleeps");
        vcpu.Dispose();
    }

    [Fact]
    public void A_thread_can_be_bound_to_a_cpu_and_set_free()
    {
        // A thread of its own: the test runner's may not come back bound. What it throws is looked at here.
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(() =>
        {
            CpuAffinity before = CpuAffinity.OfThisThread();
            before.Cpus.Should().NotBeEmpty();
            CpuAffinity.TryBind(before.Cpus[^1]).Should().BeTrue();
            CpuAffinity.OfThisThread().Cpus.Should().Equal(before.Cpus[^1]);
            CpuAffinity.TryBind(100_000).Should().BeFalse();
            before.Restore();
            CpuAffinity.OfThisThread().Cpus.Should().Equal(before.Cpus);
        }));
        thread.Start();
        thread.Join();
        fault.Should().BeNull();
    }
}
