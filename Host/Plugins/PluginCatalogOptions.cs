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

    /// <summary>How much plugins are put up with.</summary>
    internal PluginGuardOptions Guard { get; init; } = new();

    /// <summary>What a plugin's constructor may import to write to the log.</summary>
    internal ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal bool Wants(Type contract) => Contracts is null || Contracts.Contains(contract);
}
