using Hospes.Host.Tests.Support;
using Hospes.Hypervisor.Native;

namespace Hospes.Host.Tests.Startup;

/// <summary>dom0-cpus: xend and what it starts keep to so many CPUs, guests do not.</summary>
public sealed class Domain0CpusTests
{
    [SkippableFact]
    public async Task Xend_keeps_to_them_and_its_guests_do_not()
    {
        int all = CpuAffinity.OfThisThread().Cpus.Count;
        Skip.If(all < 2, "there is one CPU only");
        await using Appliance appliance = await Appliance.StartAsync("(dom0-cpus 1)\n");
        int domid = (int)(await appliance.CreateAsync(Appliance.Form("web", appliance.Kernel("k", "L"u8), "(vcpus 2)")))["domid"]!;
        await appliance.PostAsync("v1/domains/web/unpause");
        await appliance.WaitForStateAsync("web", "r-----");

        // Those that give pCPUs away are bound to each; all others are where Domain-0 is.
        string[] own = [.. Allowed(appliance.Daemon.Id, static thread => !thread.StartsWith("pcpu", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        own.Should().ContainSingle().Which.Should().MatchRegex("^[0-9]+$");
        Allowed(appliance.ProcessOf(domid), static _ => true).Should().Contain(cpus => cpus != own[0], "a guest may have any CPU");
        var domain0 = await appliance.GetAsync("v1/domains/0");
        ((int)domain0["onlineVcpus"]!).Should().Be(1);
        ((int)domain0["vcpus"]!).Should().Be(Environment.ProcessorCount);
        var vcpus = (await appliance.GetAsync("v1/domains/0/vcpus")).AsArray();
        vcpus.Select(static vcpu => (bool)vcpu!["online"]!).Should().Equal(Enumerable.Range(0, all).Select(static number => number == 0));
    }

    /// <summary>The CPUs that a process's threads of some names may run on (proc(5), Cpus_allowed_list).</summary>
    private static IEnumerable<string> Allowed(int process, Func<string, bool> isMeant) =>
        from thread in Directory.GetDirectories($"/proc/{process}/task")
        where isMeant(File.ReadAllText($"{thread}/comm"))
        select File.ReadLines($"{thread}/status").Single(static line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
}
