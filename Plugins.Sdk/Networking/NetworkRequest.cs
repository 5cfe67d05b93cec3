namespace Hospes.Sdk.Networking;

/// <summary>What a network script works on.</summary>
public sealed record NetworkRequest
{
    /// <summary>The network namespace to work in, as a path such as <c>/run/netns/NAME</c>; null: this process's own.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>
    /// Tells this appliance's things from others': lower-case letters, digits and hyphens, at most 16. Everything that a script makes and that outlives
    /// the process carries it (alias of an interface, name of a table), so that a later start finds what a crash has left.
    /// </summary>
    public required string Owner { get; init; }

    /// <summary>A directory that outlives the process, for what must be put back by a stop. Exists.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The words <c>name=value</c> that follow the script's name in the configuration.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
