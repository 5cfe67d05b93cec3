namespace Hospes.Host.Plugins;

/// <summary>One export of one plugin, on its way from metadata to an object that works.</summary>
internal sealed class PluginExport(ExportMetadata metadata, PluginCandidate plugin, PluginGuard guard)
{
    internal ExportMetadata Metadata { get; } = metadata;

    internal PluginCandidate Plugin { get; } = plugin;

    internal PluginGuard Guard { get; } = guard;

    internal List<PluginFault> Faults { get; } = [];

    /// <summary>The class that exports, for messages.</summary>
    internal string Place => $"{Plugin.Entry.Assembly}, {Metadata.Type}";

    /// <summary>Makes another object; set when the plugin's assembly is loaded.</summary>
    internal Func<object>? Factory { get; set; }

    /// <summary>The object made at start.</summary>
    internal object? Instance { get; set; }

    internal void Refuse(string why) => Faults.Add(new PluginFault(Place, why, IsFatal: false));

    internal bool IsUsable => Faults.Count == 0 && Plugin.Faults.Count == 0;

    internal ExportReport Report => new(
        ContractNames.Of(Metadata.Contract),
        Metadata.Name,
        !IsUsable ? PluginState.Refused : Instance is null ? PluginState.Found : PluginState.Loaded,
        [.. Faults.Select(fault => fault.ToString())]);
}
