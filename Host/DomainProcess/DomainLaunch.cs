using Hospes.Hypervisor.Domains;

namespace Hospes.Host.DomainProcess;

/// <summary>What a domain process reads from <c>config.json</c> in its directory.</summary>
internal sealed record DomainLaunch
{
    /// <summary>The file's name in the domain's directory.</summary>
    public const string FileName = "config.json";

    /// <summary>The domain.</summary>
    public required DomainConfiguration Domain { get; init; }

    /// <summary>Which plugins there are.</summary>
    public required string PluginsFile { get; init; }

    /// <summary>Where the console is offered.</summary>
    public required string ConsoleSocket { get; init; }

    /// <summary>Where the console's output is written.</summary>
    public required string ConsoleLog { get; init; }
}
