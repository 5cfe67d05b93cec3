using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Plugins;

/// <summary>What <c>plugins.json</c> says.</summary>
/// <example><code>
/// {
///   "plugins": [
///     { "assembly": "Plugins.Engines/Hospes.Plugins.Engines.dll" },
///     { "assembly": "Plugins.Schedulers/Hospes.Plugins.Schedulers.dll", "settings": { "round-robin": { "slice-ms": 10 } } }
///   ],
///   "engine": "auto", "scheduler": "round-robin", "console": "socket", "security": "acm"
/// }
/// </code></example>
internal sealed record PluginsFile
{
    /// <summary>The engine's name that leaves the choice to the host.</summary>
    internal const string AutomaticEngine = "auto";

    /// <summary>The assemblies to load, in order.</summary>
    internal IReadOnlyList<PluginEntry> Plugins { get; init; } = [];

    /// <summary>The engine for domains that name none, or <see cref="AutomaticEngine"/>.</summary>
    internal PluginChoice Engine { get; init; } = new(typeof(IExecutionEngine), "engine", AutomaticEngine, null);

    /// <summary>The scheduler at start.</summary>
    internal PluginChoice Scheduler { get; init; } = new(typeof(IScheduler), "scheduler", "credit", null);

    /// <summary>The console back-end.</summary>
    internal PluginChoice Console { get; init; } = new(typeof(IConsoleBackend), "console", "socket", null);

    /// <summary>The security module; null: there is none, and nothing is mediated.</summary>
    internal PluginChoice? Security { get; init; }

    /// <summary>All choices.</summary>
    internal IReadOnlyList<PluginChoice> Choices => Security is { } security ? [Engine, Scheduler, Console, security] : [Engine, Scheduler, Console];
}
