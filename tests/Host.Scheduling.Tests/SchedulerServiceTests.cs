using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;
using Hospes.Hypervisor.Leases;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Scheduling;

/// <summary>Real executors and real vCPU threads in one process, playing both sides.</summary>
public sealed class SchedulerServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    // The machine that runs tests may stop a thread for longer than any grace that is right for guests.
    private static readonly TimeSpan LongGrace = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(2, 2, 3)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 4, 2)]
    public void No_wake_up_and_no_grant_is_ever_lost_and_pcpus_are_never_overbooked(int pcpus, int domains, int vcpus)
    {
        const long Passes = 20_000;
        var occupancy = new Occupancy();
        using SchedulerService service = Started(pcpus);
        LiveDomain[] running = [.. Enumerable.Range(1, domains).Select(id => Boot(service, (ushort)id, vcpus, occupancy))];
        try
        {
            Array.ForEach(running, domain => domain.Give(0));
            Until(() => running.All(domain => domain.Passes >= Passes), () => Describe(service, running));
            occupancy.Most.Should().BeLessThanOrEqualTo(pcpus);
        }
        finally
        {
            Array.ForEach(running, domain => domain.Dispose());
        }
    }

    [Fact]
    public void Busy_guests_take_turns()
    {
        var occupancy = new Occupancy();
        using SchedulerService service = Started(1);
        LiveDomain[] running = [.. Enumerable.Range(1, 3).Select(id => Boot(service, (ushort)id, 1, occupancy, TimeSpan.FromMilliseconds(1)))];
        try
        {
            Array.ForEach(running, domain => domain.Give(0));
            Until(() => running.All(domain => domain.Passes >= 50), () => Describe(service, running));
            occupancy.Most.Should().Be(1);
        }
        finally
        {
            Array.ForEach(running, domain => domain.Dispose());
        }
    }

    [Fact]
    public async Task Pausing_and_unpausing_busy_guests_loses_nothing()
    {
        var occupancy = new Occupancy();
        using SchedulerService service = Started(2);
        using LiveDomain other = Boot(service, 2, 2, occupancy);
        using LiveDomain domain = Boot(service, 1, 3, occupancy);
        domain.Give(0);
        other.Give(0);
        for (int round = 0; round < 100; round++)
        {
            await service.PauseAsync(domain.Id).WaitAsync(Patience);
            service.Query(domain.Id).Should().NotContain(vcpu => vcpu.Activity == VcpuActivity.Running);
            service.IsPaused(domain.Id).Should().BeTrue();
            long passes = domain.Passes;
            service.Unpause(domain.Id);
            Until(() => domain.Passes > passes, () => Describe(service, domain, other));
        }
    }

    [Fact]
    public void Domains_outlive_their_Host_and_the_next_one_takes_them_in()
    {
        var occupancy = new Occupancy();
        SchedulerService service = Started(2);
        LiveDomain[] running = [Boot(service, 1, 3, occupancy), Boot(service, 2, 3, occupancy)];
        try
        {
            Array.ForEach(running, domain => domain.Give(0));
            for (int round = 0; round < 10; round++)
            {
                long[] passes = [.. running.Select(domain => domain.Passes)];
                service.Dispose();
                // One notices, the other is taken over before it has.
                running[0].Leases.Detach();
                Until(() => running[0].Passes > passes[0] + 50, () => Describe(service, running));

                service = Started(2);
                foreach (LiveDomain domain in running)
                {
                    service.Register(domain.Id, LiveDomain.Reopened(domain.Leases.Handle), paused: null);
                    domain.Leases.Attach(LiveDomain.Reopened(service.DoorbellHandle));
                }
                Until(() => running[0].Passes > passes[0] + 100 && running[1].Passes > passes[1] + 50, () => Describe(service, running));
            }
        }
        finally
        {
            Array.ForEach(running, domain => domain.Dispose());
            service.Dispose();
        }
    }

    [Fact]
    public void A_domain_that_is_gone_hurts_nobody()
    {
        var occupancy = new Occupancy();
        using SchedulerService service = Started(1);
        using LiveDomain survivor = Boot(service, 1, 2, occupancy);
        survivor.Give(0);
        for (ushort id = 2; id < 30; id++)
        {
            using LiveDomain doomed = Boot(service, id, 2, occupancy, TimeSpan.FromSeconds(1));
            doomed.Give(0);
            Until(() => service.Query(doomed.Id).Any(vcpu => vcpu.Activity == VcpuActivity.Running), () => Describe(service, doomed));
            service.Unregister(doomed.Id).Should().BeTrue();
            service.Query(doomed.Id).Should().BeEmpty();
            long passes = survivor.Passes;
            Until(() => survivor.Passes > passes + 20, () => Describe(service, survivor));
        }
    }

    [Fact]
    public void Cpu_time_and_place_are_shown()
    {
        using SchedulerService service = Started(1);
        using LiveDomain domain = Boot(service, 1, 1, new Occupancy(), TimeSpan.FromSeconds(1));
        domain.Give(0);
        Until(() => service.Query(domain.Id) is [{ Activity: VcpuActivity.Running, Pcpu.Value: 0, CpuTime.Value: > 1_000_000 }], () => Describe(service, domain));
    }

    [Fact]
    public void What_is_no_lease_page_is_refused()
    {
        using SchedulerService service = Started(1);
        string path = Path.GetTempFileName();
        service.Invoking(s => s.Register(new DomainId(1), File.OpenHandle(path, options: FileOptions.DeleteOnClose), null)).Should().Throw<InvalidDataException>();
        service.Query(new DomainId(1)).Should().BeEmpty();
    }

    [Fact]
    public void Unknown_domains_are_no_news()
    {
        using SchedulerService service = Started(1);
        service.Unregister(new DomainId(9)).Should().BeFalse();
        service.IsPaused(new DomainId(9)).Should().BeFalse();
        service.Invoking(s => s.Unpause(new DomainId(9))).Should().Throw<KeyNotFoundException>();
    }

    [Fact]
    public void After_its_end_it_answers_but_does_nothing()
    {
        SchedulerService service = Started(1);
        using LiveDomain domain = Boot(service, 1, 1, new Occupancy());
        service.Dispose();
        service.Dispose();
        service.Query(domain.Id).Should().BeEmpty();
        service.Invoking(s => s.Unregister(domain.Id)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_plugin_that_never_answers_is_replaced_and_guests_run_on()
    {
        using var stuck = new StuckScheduler();
        List<string> said = [];
        using SchedulerService service = new(
            stuck, "stuck", HostTopology.Unbound(2), LongGrace, NullLogger<SchedulerService>.Instance, line =>
            {
                lock (said)
                    said.Add(line);
            });
        service.Start();
        var occupancy = new Occupancy();
        using LiveDomain domain = Boot(service, 1, 3, occupancy, TimeSpan.FromMilliseconds(1));
        domain.Give(0);
        Until(() => domain.Passes > 10, () => Describe(service, domain));

        stuck.Sticks = true;
        stuck.IsStuck.Wait(Patience).Should().BeTrue();
        Until(() => service.SchedulerName == SchedulerCore.FallbackName, () => Describe(service, domain));
        long passes = domain.Passes;
        Until(() => domain.Passes > passes + 50, () => Describe(service, domain));
        lock (said)
            said.Should().ContainSingle().Which.Should().Match("Scheduler stuck failed: it did not answer within *");

        // It comes back late, and finds that nothing of it counts.
        stuck.GoOn.Set();
        passes = domain.Passes;
        Until(() => domain.Passes > passes + 50, () => Describe(service, domain));
        using LiveDomain late = Boot(service, 2, 1, occupancy);
        late.Give(0);
        Until(() => late.Passes > 10, () => Describe(service, late));
        service.Replace(new RoundRobinScheduler(), "round-robin").Should().BeTrue();
        passes = domain.Passes;
        Until(() => domain.Passes > passes + 50, () => Describe(service, domain));
    }

    [Fact]
    public void A_plugin_that_fails_as_it_begins_leaves_the_fallback_in_charge()
    {
        using SchedulerService service = Started(1);
        using LiveDomain domain = Boot(service, 1, 1, new Occupancy());
        domain.Give(0);
        service.Replace(new FaultyScheduler("Start") { Armed = true }, "faulty").Should().BeFalse();
        service.SchedulerName.Should().Be(SchedulerCore.FallbackName);
        long passes = domain.Passes;
        Until(() => domain.Passes > passes + 50, () => Describe(service, domain));
    }

    [Fact]
    public void A_vcpu_is_moved_to_where_it_is_pinned_and_bad_wishes_change_nothing()
    {
        using SchedulerService service = Started(2);
        using LiveDomain domain = Boot(service, 1, 1, new Occupancy(), TimeSpan.FromMilliseconds(1));
        domain.Give(0);
        foreach (int pcpu in (int[])[1, 0, 1])
        {
            service.SetAffinity(domain.Id, new VcpuId(0), PcpuSet.Of(new PcpuId(pcpu)));
            Until(() => service.Query(domain.Id) is [{ Pcpu.Value: var at }] && at == pcpu, () => Describe(service, domain));
        }

        service.Invoking(s => s.SetAffinity(new DomainId(9), new VcpuId(0), PcpuSet.All)).Should().Throw<KeyNotFoundException>();
        service.Invoking(s => s.WriteParameters(domain.Id, new Dictionary<string, long> { ["weight"] = 1 })).Should().Throw<SchedulerParameterException>()
            .WithMessage("*round-robin*no parameter 'weight'*");
    }

    private static SchedulerService Started(int pcpus)
    {
        var service = new SchedulerService(
            new RoundRobinScheduler(), "round-robin", HostTopology.Unbound(pcpus), LongGrace, NullLogger<SchedulerService>.Instance);
        service.Start();
        return service;
    }

    private static LiveDomain Boot(SchedulerService service, ushort id, int vcpus, Occupancy occupancy, TimeSpan? work = null)
    {
        var domain = new LiveDomain(id, vcpus, service.DoorbellHandle, occupancy, work);
        service.Register(domain.Id, LiveDomain.Reopened(domain.Leases.Handle), paused: false);
        domain.Start();
        return domain;
    }

    private static void Until(Func<bool> condition, Func<string> describe)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
            throw new TimeoutException(describe());
    }

    private static string Describe(SchedulerService service, params LiveDomain[] domains) => string.Join('\n', domains.Select(domain =>
        $"domain {domain.Id}: {domain.Passes} passes; {string.Join(", ", service.Query(domain.Id))}; "
        + string.Join(", ", Enumerable.Range(0, domain.Leases.Count).Select(vcpu => domain.Leases[new VcpuId(vcpu)].State))));
}
