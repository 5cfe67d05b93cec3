using System.Text.Json;
using System.Text.Json.Serialization;
using Hospes.Host.Logging;
using Hospes.Host.Plugins;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Networking;
using Hospes.Sdk.Schedulers;
using Hospes.Sdk.Security;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Startup;

/// <summary>
/// The plugins of the control plane. All of them are made and configured at the start, also those that only domain processes use: what is wrong
/// with any shows then, and not when the first domain is created.
/// </summary>
internal sealed partial class AppliancePlugins : IDisposable
{
    private readonly PluginCatalog _catalog;

    /// <summary>Loads what the options name.</summary>
    /// <exception cref="PluginCatalogException">The appliance cannot work with it; the message lists every fault.</exception>
    public AppliancePlugins(DaemonOptions options, ILoggerFactory logs)
    {
        Path = options.PluginsFile;
        _catalog = PluginCatalog.Load(Path, new PluginCatalogOptions { LoggerFactory = logs });
        ILogger log = logs.CreateLogger<AppliancePlugins>();
        foreach (PluginFault fault in _catalog.Faults)
            log.Warning($"plugins: {fault}");
        _catalog.ThrowIfUnusable();
    }

    /// <summary>The file that names them.</summary>
    public string Path { get; }

    /// <summary>The files of their assemblies.</summary>
    public IEnumerable<string> Assemblies => _catalog.File.Plugins.Select(static entry => entry.Path);

    /// <summary>The schedulers there are.</summary>
    public IReadOnlyList<string> SchedulerNames => _catalog.Names<IScheduler>();

    /// <summary>The scheduler to start with: the one that was asked for, or the one that was in charge, or the appliance's own choice, as far as there is one of that name.</summary>
    public string StartingScheduler(BootOptions boot, string? before) =>
        new[] { boot.Scheduler, before }.FirstOrDefault(name => name is not null && SchedulerNames.Contains(name, StringComparer.Ordinal)) ?? _catalog.File.Scheduler.Name;

    /// <summary>A new scheduler.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public IScheduler CreateScheduler(string name)
    {
        Require("scheduler", name, SchedulerNames);
        try
        {
            return _catalog.Create<IScheduler>(name);
        }
        catch (PluginFailureException failure)
        {
            throw XendException.Generic($"The scheduler '{name}' cannot be made: {failure.Message}", failure);
        }
    }

    /// <summary>Refuses an engine that there is not.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public void RequireEngine(string name)
    {
        if (!string.Equals(name, PluginsFile.AutomaticEngine, StringComparison.Ordinal))
            Require("engine", name, _catalog.Names<IExecutionEngine>());
    }

    /// <summary>The console back-end that a configuration means.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public string Console(string? name)
    {
        string chosen = name ?? _catalog.File.Console.Name;
        Require("console", chosen, _catalog.Names<IConsoleBackend>());
        return chosen;
    }

    /// <summary>The block driver of a name, or null.</summary>
    public IBlockDriver? BlockDriver(string name) =>
        _catalog.Names<IBlockDriver>().Contains(name, StringComparer.Ordinal) ? _catalog.Get<IBlockDriver>(name) : null;

    /// <summary>Names of the block drivers.</summary>
    public IReadOnlyList<string> BlockDrivers => _catalog.Names<IBlockDriver>();

    /// <summary>Names of the network scripts.</summary>
    public IReadOnlyList<string> NetworkScripts => _catalog.Names<INetworkScript>();

    /// <summary>Names of the vif scripts.</summary>
    public IReadOnlyList<string> VifScripts => _catalog.Names<IVifScript>();

    /// <summary>The network script of a name, and what it is to be called through; null: none of the plugins'.</summary>
    public (INetworkScript Script, PluginGuard Guard)? NetworkScript(string name) => NetworkScripts.Contains(name, StringComparer.Ordinal)
        ? (_catalog.Get<INetworkScript>(name), _catalog.Guard<INetworkScript>(name))
        : null;

    /// <summary>The vif script of a name, and what it is to be called through; null: none of the plugins'.</summary>
    public (IVifScript Script, PluginGuard Guard)? VifScript(string name) => VifScripts.Contains(name, StringComparer.Ordinal)
        ? (_catalog.Get<IVifScript>(name), _catalog.Guard<IVifScript>(name))
        : null;

    /// <summary>The security module, of which there is one object; null: none is chosen.</summary>
    /// <exception cref="PluginFailureException">It could not be made.</exception>
    public ISecurityModule? SecurityModule => _catalog.File.Security is { } chosen ? _catalog.Get<ISecurityModule>(chosen.Name) : null;

    /// <summary>The engine for domains that name none.</summary>
    public string EngineName => _catalog.File.Engine.Name;

    /// <summary>What was found.</summary>
    public IReadOnlyList<PluginReport> Reports => _catalog.Reports;

    /// <summary>What was found, for people and programs.</summary>
    public string ReportJson() => JsonSerializer.Serialize(_catalog.Reports, PluginReportJson.Default.IReadOnlyListPluginReport);

    /// <inheritdoc/>
    public void Dispose() => _catalog.Dispose();

    private static void Require(string what, string name, IReadOnlyList<string> known)
    {
        if (!known.Contains(name, StringComparer.Ordinal))
            throw XendException.Generic($"Unknown {what} '{name}'. There is: {string.Join(", ", known)}.");
    }

    /// <summary>JSON of the report, without reflection.</summary>
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(IReadOnlyList<PluginReport>))]
    internal sealed partial class PluginReportJson : JsonSerializerContext;
}
