using System.Numerics;
using Hospes.Host.Api;
using Hospes.Host.Domains;
using Hospes.Host.Security;
using Hospes.Sxp;

namespace Hospes.Host.Managed;

/// <summary>Managed domains as API clients see them, among those that run.</summary>
internal sealed class KeptListing(KeptDomains kept, DomainTable table)
{
    private const int StatusHalted = 0;

    /// <summary>The words by which listings can be narrowed (fact sheet "xm", section 4.1).</summary>
    private static readonly string[] States = ["all", "running", "paused", "halted", "suspended"];

    /// <summary>Those in a state.</summary>
    /// <param name="running">What runs, or is kept of what ran.</param>
    /// <param name="state">The state; null: those that run alone.</param>
    /// <exception cref="XendException">There is no such state.</exception>
    public IReadOnlyList<DomainInfo> Select(IReadOnlyList<DomainInfo> running, string? state)
    {
        IEnumerable<DomainInfo> marked = running.Select(Mark);
        return state switch
        {
            null => [.. marked],
            "all" => [.. marked, .. Halted().Select(static domain => Describe(domain.Configuration))],
            "running" => [.. marked.Where(static domain => !domain.State.Contains('p', StringComparison.Ordinal) && domain.State.AsSpan().IndexOfAny('s', 'c', 'd') < 0)],
            "paused" => [.. marked.Where(static domain => domain.State.Contains('p', StringComparison.Ordinal))],
            "halted" => [.. Halted().Select(static domain => Describe(domain.Configuration))],
            "suspended" => [],
            _ => throw XendException.Generic($"The state has to be one of {string.Join(", ", States)}, not '{state}'."),
        };
    }

    /// <summary>A managed domain that does not run, or null.</summary>
    public DomainInfo? TryHalted(string reference) => FindHalted(reference) is { } domain ? Describe(domain.Configuration) : null;

    /// <summary>Its form, or null.</summary>
    public SxpList? TryHaltedForm(string reference) => FindHalted(reference) is { } domain ? Form(domain) : null;

    /// <summary>The forms of all managed domains that do not run.</summary>
    public IEnumerable<SxpList> HaltedForms() => Halted().Select(Form);

    /// <summary>With a mark if it is managed.</summary>
    public DomainInfo Mark(DomainInfo domain) => kept.Find(Guid.Parse(domain.Uuid)) is null ? domain : domain with { Managed = true };

    private KeptDomain? FindHalted(string reference) => table.TryFind(reference) is null ? kept.Find(reference) : null;

    private IEnumerable<KeptDomain> Halted()
    {
        HashSet<Guid> running = [.. table.Listed.Select(static domain => domain.Uuid)];
        return kept.All.Where(domain => !running.Contains(domain.Uuid));
    }

    private static SxpList Form(KeptDomain domain) => VmForm.Make(domain.Configuration).With(VmForm.Pair("status", StatusHalted));

    /// <summary>A configuration that does not run.</summary>
    public static DomainInfo Describe(VmConfiguration configuration) => new()
    {
        Domid = null,
        Managed = true,
        Name = configuration.Name,
        Uuid = configuration.Uuid.ToString(),
        MemoryMiB = configuration.MemoryMiB,
        MaximumMemoryMiB = configuration.MaximumMemoryMiB,
        Vcpus = configuration.Vcpus,
        OnlineVcpus = BitOperations.PopCount(configuration.VcpusAvailable),
        State = "",
        CpuTime = 0,
        StartTime = 0,
        Kind = "pvh",
        Label = SecurityForm.Label(configuration)?.Name,
        OnPoweroff = configuration.OnPoweroff.Word(),
        OnReboot = configuration.OnReboot.Word(),
        OnCrash = configuration.OnCrash.Word(),
    };
}
