using System.Globalization;
using Hospes.Host.Domains;
using Hospes.Host.Dumps;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Managed;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup.Configuration;
using Hospes.Sxp;

namespace Hospes.Host.Api.Legacy;

/// <summary>What the two older interfaces, XML-RPC and HTTP with SXP, have in common.</summary>
internal sealed class LegacyOperations(
    HostPaths paths,
    DomainTable table,
    DomainForms forms,
    KeptListing kept,
    DomainOperations domains,
    DomainShares shares,
    DomainListing listing,
    ManagedOperations managed,
    CoreDumps dumps,
    HypervisorRing ring,
    MachineInformation machine,
    MemoryLedger ledger,
    SchedulerService scheduler,
    XendConfiguration configuration)
{
    /// <summary>A refusal of what needs later work.</summary>
    public static XendException NotThere(string what) => XendException.Generic($"'{what}' is not available in this version of xend");

    /// <summary>A domain as <c>xm list --long</c> shows it.</summary>
    public SxpList Form(string reference) => kept.TryHaltedForm(reference) ?? forms.Form(reference);

    /// <summary>The forms of all domains in a state; in full with what the store has of them, which is no more here.</summary>
    public IReadOnlyList<SxpList> Forms(string state, bool full)
    {
        _ = full; // the same: nothing is left out of the shorter form
        IEnumerable<SxpList> all = state switch
        {
            "all" => [.. forms.All(), .. kept.HaltedForms()],
            "halted" => kept.HaltedForms(),
            "running" => forms.All(),
            "paused" => forms.All().Where(static form => form.ValueText("state")?.Contains('p', StringComparison.Ordinal) == true),
            "suspended" => [],
            _ => throw XendException.Generic($"Invalid state: {state}"),
        };
        return [.. all];
    }

    /// <summary>Makes a domain, which is paused; answers its form.</summary>
    public async Task<SxpList> CreateAsync(string form, CancellationToken cancellation) =>
        Form((await domains.CreateAsync(form, cancellation)).Uuid.ToString());

    /// <summary>Makes a domain known; answers its form.</summary>
    public SxpList New(string form) => Form(managed.New(form).Uuid.ToString());

    /// <summary>Starts a managed domain.</summary>
    public async Task StartAsync(string reference, bool isPaused, CancellationToken cancellation)
    {
        ManagedDomain started = await managed.StartAsync(reference, cancellation);
        if (!isPaused)
            await domains.UnpauseAsync(started.Uuid.ToString(), cancellation);
    }

    /// <summary>Forgets a managed domain.</summary>
    public void Delete(string reference) => managed.Delete(reference);

    /// <summary>Gives a domain another name, whether it runs or not.</summary>
    public Task RenameAsync(string reference, string name, CancellationToken cancellation)
    {
        VmConfigurationReader.CheckName(name);
        return managed.ChangeEitherAsync(reference, configuration => configuration with { Name = name }, () => domains.RenameAsync(reference, name, cancellation));
    }

    /// <summary>A domain's vCPUs as a form.</summary>
    public SxpList Vcpus(string reference)
    {
        DomainInfo domain = listing.Find(reference);
        return new SxpList(
        [
            "domain",
            new SxpList("domid", domain.Domid ?? -1),
            new SxpList("name", domain.Name),
            new SxpList("vcpu_count", domain.OnlineVcpus),
            .. listing.Vcpus(reference).Select(static vcpu => new SxpList(
                "vcpu",
                new SxpList("number", vcpu.Number),
                new SxpList("online", vcpu.Online ? 1 : 0),
                new SxpList("blocked", vcpu.Blocked ? 1 : 0),
                new SxpList("running", vcpu.Running ? 1 : 0),
                new SxpList("cpu_time", vcpu.CpuTime.ToString("F6", CultureInfo.InvariantCulture)),
                new SxpList("cpu", vcpu.Pcpu ?? -1),
                new SxpList("cpumap", new SxpList([.. vcpu.Affinity.Select(static pcpu => (SxpNode)pcpu)])))),
        ]);
    }

    /// <summary>The machine, in the order of <c>xm info</c>, the system first.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Node() =>
        [KeyValuePair.Create("system", "Linux"), .. machine.Read(ledger.Free(table.Promised()), scheduler.SchedulerName)];

    /// <summary>xend's log.</summary>
    public string Log()
    {
        using FileStream log = new(configuration.LogFile(paths), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(log);
        return reader.ReadToEnd();
    }

    /// <summary>The hypervisor's messages.</summary>
    public string Messages() => ring.Read();

    /// <summary>Forgets them.</summary>
    public void ClearMessages() => ring.Clear();

    /// <summary>A domain's parameters under a scheduler that has to be in charge.</summary>
    public Dictionary<string, object?> SchedulerOf(string reference, string name)
    {
        Bodies.Scheduler parameters = shares.Read(reference);
        if (parameters.Name != name)
            throw XendException.Generic($"Xen is running with the {parameters.Name} scheduler");
        return parameters.Parameters!.ToDictionary(static parameter => parameter.Key, static parameter => (object?)parameter.Value, StringComparer.Ordinal);
    }

    /// <summary>Writes a core of a domain.</summary>
    /// <returns>Where it is.</returns>
    public async Task<string> DumpAsync(string reference, string? file, bool isLive, bool isCrash, CancellationToken cancellation)
    {
        string path = "";
        await domains.WithProcessAsync(reference, $"Cannot dump core of privileged domain {reference}", async domain => path = await dumps.WriteAsync(domain, file, isLive), cancellation);
        if (isCrash)
            await domains.DestroyAsync(reference, CancellationToken.None);
        return path;
    }

    /// <summary>Has the hypervisor print what a key stands for to its messages.</summary>
    public void DebugKeys(string keys)
    {
        foreach (char key in keys)
            ring.Say(DebugKey(key));
    }

    private string DebugKey(char key) => key switch
    {
        'h' => "'h' pressed -> showing installed handlers: h (this), q (domains), r (run queues), m (memory)",
        'q' => $"'q' pressed -> dumping domain info:\n{string.Concat(table.All.Select(static domain => $"  domain {domain.Id} ({domain.Name}): {domain.Phase}, {domain.Configuration.Vcpus} vcpus, {domain.MemoryTargetKiB / 1024} MiB, process {domain.Process?.ProcessId}\n"))}",
        'r' => $"'r' pressed -> scheduler {scheduler.SchedulerName}, {scheduler.Pcpus} pcpus\n{string.Concat(table.Listed.SelectMany(domain => scheduler.Query(domain.Id).Select(vcpu => $"  d{domain.Id}v{vcpu.Vcpu}: {vcpu.Activity} on {vcpu.LastPcpu}, {vcpu.CpuTime.Value / 1000000} ms\n")))}",
        'm' => $"'m' pressed -> {ledger.Read(table.Promised())}",
        _ => $"'{(char.IsControl(key) ? '?' : key)}' pressed -> there is no handler for it; h lists those that there are",
    };
}
