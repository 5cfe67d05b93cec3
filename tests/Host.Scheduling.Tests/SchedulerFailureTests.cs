using Hospes.Hypervisor.Leases;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

public sealed class SchedulerFailureTests
{
    [Theory]
    [InlineData("Add")]
    [InlineData("Remove")]
    [InlineData("Wake")]
    [InlineData("Block")]
    [InlineData("Next")]
    [InlineData("Charge")]
    public void A_plugin_that_throws_is_replaced_and_guests_run_on(string method)
    {
        var scheduler = new FaultyScheduler(method);
        var simulation = new Simulation(2, scheduler);
        SimulatedVcpu[] hogs = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        SimulatedVcpu sleeper = simulation.Add(4, (key, page) => new SimulatedVcpu(key, page)
        {
            Burst = Nanoseconds.FromMilliseconds(1),
            Nap = Nanoseconds.FromMilliseconds(5),
        });
        SimulatedVcpu doomed = simulation.Add(5);
        simulation.Run(200);
        simulation.Failures.Should().BeEmpty();

        scheduler.Armed = true;
        simulation.Remove(doomed);
        SimulatedVcpu late = simulation.Add(6);
        simulation.Run(100);
        simulation.Failures.Should().ContainSingle().Which.Message.Should().StartWith(method);
        simulation.Core.IsFallback.Should().BeTrue();
        AssertAllRun(simulation, [.. hogs, sleeper, late]);
    }

    [Theory]
    [InlineData("stranger", "*d77v7*does not exist*")]
    [InlineData("any", "*d1v0*")]
    [InlineData("pcpu", "*pCPU 99*2*")]
    public void A_plugin_that_answers_nonsense_is_replaced_and_guests_run_on(string fault, string message)
    {
        var scheduler = new FaultyScheduler(fault);
        var simulation = new Simulation(2, scheduler);
        SimulatedVcpu[] hogs = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        simulation.Run(200);
        scheduler.Armed = true;
        SimulatedVcpu late = simulation.Add(4);
        simulation.Run(100);
        simulation.Failures.Should().ContainSingle().Which.Message.Should().Match(message);
        AssertAllRun(simulation, [.. hogs, late]);
    }

    [Fact]
    public void A_plugin_that_names_a_vcpu_with_nothing_to_do_is_replaced()
    {
        var scheduler = new FaultyScheduler("any");
        var simulation = new Simulation(1, scheduler);
        simulation.Add(1, (key, page) => new SimulatedVcpu(key, page) { StartsAsleep = true });
        SimulatedVcpu hog = simulation.Add(2);
        simulation.Run(10);
        scheduler.Armed = true;
        simulation.Add(3);
        simulation.Run(100);
        simulation.Failures.Should().ContainSingle().Which.Message.Should().Match("*d1v0*not runnable*");
        AssertAllRun(simulation, [hog]);
    }

    [Fact]
    public void A_plugin_that_cannot_even_start_leaves_the_fallback()
    {
        var scheduler = new FaultyScheduler("Start") { Armed = true };
        var simulation = new Simulation(1);
        SimulatedVcpu hog = simulation.Add(1);
        simulation.Run(10);
        simulation.Core.Replace(scheduler, "other", simulation.Now);
        simulation.Core.IsFallback.Should().BeTrue();
        AssertAllRun(simulation, [hog]);
    }

    [Fact]
    public void The_scheduler_is_charged_what_vcpus_used_to_the_nanosecond()
    {
        var scheduler = new FaultyScheduler("");
        var simulation = new Simulation(2, scheduler);
        SimulatedVcpu[] vcpus = [simulation.Add(1), simulation.Add(2), simulation.Add(3)];
        simulation.Run(500);
        vcpus.ToList().ForEach(vcpu => simulation.Core.PauseAsync(vcpu.Key.Domain, simulation.Now));
        simulation.Run(1);
        foreach (SimulatedVcpu vcpu in vcpus)
            scheduler.Charges.Where(charge => charge.Vcpu == vcpu.Key).Sum(charge => charge.Ran.Value).Should().Be(vcpu.Used.Value);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    public void A_vcpu_that_lies_about_its_time_is_charged_no_more_than_passed(long claim)
    {
        var scheduler = new FaultyScheduler("");
        var simulation = new Simulation(1, scheduler);
        SimulatedVcpu liar = simulation.Add(1);
        simulation.Add(2);
        simulation.Run(5);
        simulation.HolderOf(0).Should().Be(liar);
        liar.Claim(claim);
        simulation.Run(300);
        scheduler.Charges.Should().OnlyContain(charge => charge.Ran.Value >= 0 && charge.Ran.Value <= 31_000_000);
    }

    private static void AssertAllRun(Simulation simulation, SimulatedVcpu[] vcpus)
    {
        Nanoseconds[] before = [.. vcpus.Select(vcpu => vcpu.Used)];
        simulation.Run(500);
        for (int index = 0; index < vcpus.Length; index++)
            vcpus[index].Used.Should().BeGreaterThan(before[index], $"{vcpus[index].Key} still gets its turns");
    }
}
