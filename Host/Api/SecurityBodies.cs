namespace Hospes.Host.Api;

/// <summary>Bodies of requests about security, and their answers.</summary>
internal static class SecurityBodies
{
    /// <summary>POST make and load.</summary>
    internal sealed record Policy(string? Name);

    /// <summary>POST boot: the policy (null: none), and a part of the boot entry's title or null.</summary>
    internal sealed record Boot(string? Policy, string? Title);

    /// <summary>POST activate; 0 or 1 each.</summary>
    internal sealed record Activate(int Load, int Boot, int Unboot, int Remove);

    /// <summary>POST security-label of a managed domain; an empty name: none; vif: of its network interface of that number, from 0, not of itself.</summary>
    internal sealed record DomainLabel(string? Name, string? Policy, int? Vif);

    /// <summary>Answer to boot: the entry's title; empty: there was nothing to change.</summary>
    internal sealed record Entry(string Title);

    /// <summary>POST install: a source, or null and the name of one that is on this system; flags 0 or 1.</summary>
    internal sealed record Install(string? Policy, string? Source, int Load, int Boot, int Update, int NoOverwrite);

    /// <summary>POST resource-label.</summary>
    internal sealed record Label(string? Resource, string? Type, string? Policy, string? Name);

    /// <summary>Answer to resource-label: the file that was made to keep labels in, or null.</summary>
    internal sealed record Made(string? File);

    /// <summary>POST resource-unlabel.</summary>
    internal sealed record Resource(string? Name);

    /// <summary>POST workloads: a definition as xensec_ezpolicy keeps it, or a policy's source, and the policy's name; save 0: the source is answered and no more.</summary>
    internal sealed record Workloads(string? Definition, string? Source, string? Policy, int Save, int Overwrite);

    /// <summary>Answer to workloads: the policy's source, and where it was saved or null.</summary>
    internal sealed record Translated(string Source, string? Path);

    /// <summary>A labelled resource.</summary>
    internal sealed record Labelled(string Resource, string Type, string Policy, string Label);

    /// <summary>GET /v1/security.</summary>
    internal sealed record State(
        string Type,
        string Policy,
        bool Enforcing,
        string? Installed,
        string Version,
        string? Reference,
        string Fingerprint,
        bool BootPolicy,
        string? HostLabel,
        string? Fault,
        IReadOnlyDictionary<string, long> Counters,
        IReadOnlyDictionary<string, long> Denials);
}
