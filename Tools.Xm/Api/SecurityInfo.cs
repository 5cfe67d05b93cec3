using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What xend says about the security policy.</summary>
internal sealed record SecurityInfo
{
    /// <summary>ACM; empty: no security module.</summary>
    public string Type { get; init; } = "";

    /// <summary>The policy in force, or what stands for none.</summary>
    public string Policy { get; init; } = "";

    public bool IsEnforcing { get; init; }

    /// <summary>The policy that is installed, in force or not; empty: none.</summary>
    public string Installed { get; init; } = "";

    public string Version { get; init; } = "";

    public string Reference { get; init; } = "";

    public bool IsBootPolicy { get; init; }

    public static SecurityInfo Read(JsonElement root) => new()
    {
        Type = root.Text("type"),
        Policy = root.Text("policy"),
        IsEnforcing = root.Flag("enforcing"),
        Installed = root.Text("installed"),
        Version = root.Text("version"),
        Reference = root.Text("reference"),
        IsBootPolicy = root.Flag("bootPolicy"),
    };
}
