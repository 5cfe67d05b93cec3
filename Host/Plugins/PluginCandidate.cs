namespace Hospes.Host.Plugins;

/// <summary>One entry of <c>plugins.json</c>, and what is known of it.</summary>
internal sealed class PluginCandidate(PluginEntry entry) : IDisposable
{
    internal PluginEntry Entry { get; } = entry;

    /// <summary>Null when the file could not be read as an assembly.</summary>
    internal PluginMetadata? Metadata { get; set; }

    /// <summary>What is wrong with the whole of it.</summary>
    internal List<PluginFault> Faults { get; } = [];

    internal IReadOnlyList<PluginExport> Exports { get; set; } = [];

    internal PluginContainer? Container { get; set; }

    internal PluginReport Report
    {
        get
        {
            PluginState state = Faults.Count > 0 || Exports.All(export => !export.IsUsable) ? PluginState.Refused
                : Exports.Any(export => export.Instance is not null) ? PluginState.Loaded
                : PluginState.Found;
            return new PluginReport(
                Entry.Assembly,
                Metadata?.Name.Version?.ToString(3),
                state,
                [.. Exports.Select(export => export.Report)],
                [.. Faults.Select(fault => fault.ToString())]);
        }
    }

    internal void Refuse(string why) => Faults.Add(new PluginFault(Entry.Place, $"plugin {Entry.Assembly}: {why}", IsFatal: false));

    public void Dispose() => Container?.Dispose();
}
