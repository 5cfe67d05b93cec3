namespace Hospes.Host.Plugins;

/// <summary>The plugins of a process: what was found, what is usable, and the objects themselves. Any thread.</summary>
internal sealed class PluginCatalog : IDisposable
{
    private readonly IReadOnlyList<PluginCandidate> _plugins;
    private readonly Lock _lock = new();

    internal PluginCatalog(PluginsFile file, IReadOnlyList<PluginCandidate> plugins, IReadOnlyList<PluginFault> faults)
    {
        File = file;
        _plugins = plugins;
        Faults = faults;
    }

    /// <summary>What <c>plugins.json</c> says.</summary>
    internal PluginsFile File { get; }

    /// <summary>Everything that is wrong, the contained as well as the fatal.</summary>
    internal IReadOnlyList<PluginFault> Faults { get; }

    /// <summary>The host can work with what is left.</summary>
    internal bool IsUsable => Faults.All(fault => !fault.IsFatal);

    /// <summary>The plugins in order, with their exports and what became of them.</summary>
    internal IReadOnlyList<PluginReport> Reports => [.. _plugins.Select(plugin => plugin.Report)];

    /// <summary>Reads <c>plugins.json</c> and loads what it names. Throws for nothing that a file or a plugin can hold: see <see cref="Faults"/>.</summary>
    internal static PluginCatalog Load(string path, PluginCatalogOptions? options = null) =>
        new PluginCatalogBuilder(options ?? new PluginCatalogOptions()).Build(path);

    /// <exception cref="PluginCatalogException">Something is fatal; the message lists all faults.</exception>
    internal void ThrowIfUnusable()
    {
        if (!IsUsable)
            throw new PluginCatalogException(Faults);
    }

    /// <summary>The names that are usable under a contract, in the order of <c>plugins.json</c>.</summary>
    internal IReadOnlyList<string> Names<T>() => [.. Usable(typeof(T)).Select(export => export.Metadata.Name)];

    /// <summary>The one object of an export that this process shares.</summary>
    /// <exception cref="KeyNotFoundException">There is no such export; the message says which there are.</exception>
    /// <exception cref="PluginFailureException">It could not be made.</exception>
    internal T Get<T>(string name)
        where T : class
    {
        PluginExport export = Find<T>(name);
        lock (_lock)
            return (T)(export.Instance ??= export.Factory!());
    }

    /// <summary>A new object of an export, configured; the caller owns it.</summary>
    /// <exception cref="KeyNotFoundException">There is no such export; the message says which there are.</exception>
    /// <exception cref="PluginFailureException">It could not be made.</exception>
    internal T Create<T>(string name)
        where T : class => (T)Find<T>(name).Factory!();

    /// <summary>The guard through which an export is to be called.</summary>
    /// <exception cref="KeyNotFoundException">There is no such export; the message says which there are.</exception>
    internal PluginGuard Guard<T>(string name) => Find<T>(name).Guard;

    /// <summary>Ends what was made and unloads the plugins as soon as nothing refers to them any more.</summary>
    public void Dispose()
    {
        foreach (PluginCandidate plugin in _plugins)
        {
            foreach (PluginExport export in plugin.Exports)
            {
                export.Instance = null;
                export.Factory = null;
            }
            plugin.Dispose();
            plugin.Container = null;
        }
    }

    private IEnumerable<PluginExport> Usable(Type contract) =>
        _plugins.SelectMany(plugin => plugin.Exports).Where(export => export.Metadata.Contract == contract && export.IsUsable && export.Factory is not null);

    private PluginExport Find<T>(string name)
    {
        PluginExport[] exports = [.. Usable(typeof(T))];
        return Array.Find(exports, export => export.Metadata.Name == name)
            ?? throw new KeyNotFoundException(
                $"there is no {ContractNames.Of(typeof(T))} '{name}'{NearestName.Hint(name, [.. exports.Select(export => export.Metadata.Name)])}");
    }
}
