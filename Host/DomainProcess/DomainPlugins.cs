using Hospes.Host.Plugins;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Storage;

namespace Hospes.Host.DomainProcess;

/// <summary>The plugins of a domain's process: its engine, its console, its disks' drivers. Not unloadable, which would make them slower, and never unloaded.</summary>
internal sealed class DomainPlugins
{
    private readonly PluginCatalog _catalog;

    /// <summary>Loads what <c>plugins.json</c> names.</summary>
    /// <exception cref="PluginCatalogException">The domain cannot run with it; the message lists every fault.</exception>
    public DomainPlugins(string path)
    {
        _catalog = PluginCatalog.Load(path, new PluginCatalogOptions
        {
            Contracts = [typeof(IExecutionEngine), typeof(IConsoleBackend), typeof(IBlockDriver)],
            IsUnloadable = false,
            AreKnownGood = true,
            Guard = new PluginGuardOptions { IsPlain = true },
        });
        _catalog.ThrowIfUnusable();
    }

    /// <summary>Makes what a domain that names nothing of its own will ask for, and tries it out.</summary>
    /// <exception cref="DomainEngineException">No engine can run here.</exception>
    public void Prepare()
    {
        _ = Console(_catalog.File.Console.Name);
        Rehearsal.Run(Engine(PluginsFile.AutomaticEngine));
    }

    /// <summary>The engine of a name, or for <c>auto</c> the first that can run here.</summary>
    /// <exception cref="DomainEngineException">It cannot run here, or none can; the message has each one's own reason.</exception>
    public IExecutionEngine Engine(string name)
    {
        string wanted = string.Equals(name, PluginsFile.AutomaticEngine, StringComparison.Ordinal) ? _catalog.File.Engine.Name : name;
        IReadOnlyList<string> names = string.Equals(wanted, PluginsFile.AutomaticEngine, StringComparison.Ordinal)
            ? _catalog.Names<IExecutionEngine>()
            : [wanted];
        List<string> reasons = [];
        foreach (string candidate in names)
        {
            IExecutionEngine engine = _catalog.Get<IExecutionEngine>(candidate);
            EngineAvailability availability = engine.Probe();
            if (availability.IsAvailable)
                return engine;
            reasons.Add($"{candidate}: {availability.Detail}");
        }

        throw new DomainEngineException($"No execution engine can run this domain on this machine ({string.Join("; ", reasons)}).");
    }

    /// <summary>The block driver of a name.</summary>
    public IBlockDriver BlockDriver(string name) => _catalog.Get<IBlockDriver>(name);

    /// <summary>The console back-end of a name.</summary>
    public IConsoleBackend Console(string name) => _catalog.Get<IConsoleBackend>(name);
}
