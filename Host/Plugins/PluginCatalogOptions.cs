using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Plugins;

/// <summary>What a process wants of its plugins.</summary>
internal sealed record PluginCatalogOptions
{
    /// <summary>
    /// The contracts whose exports this process uses: these are made and configured, so that what is wrong with them shows at start, and the choices
    /// among them are checked. Null: all.
    /// </summary>
    internal IReadOnlyCollection<Type>? Contracts { get; init; }

    /// <summary>Whether plugins can be unloaded; see <see cref="PluginConfig.IsUnloadable"/> for what it costs.</summary>
    internal bool IsUnloadable { get; init; } = true;

    /// <summary>
    /// Another process has found these plugins good just before, and would not have started this one if they were not: neither their dependencies nor all
    /// of their types are looked for again, nor are those loaded at all of which nothing is wanted. That would take longer than all the rest.
    /// </summary>
    internal bool AreKnownGood { get; init; }

    /// <summary>How much plugins are put up with.</summary>
    internal PluginGuardOptions Guard { get; init; } = new();

    /// <summary>What a plugin's constructor may import to write to the log.</summary>
    internal ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal bool Wants(Type contract) => Contracts is null || Contracts.Contains(contract);
}
