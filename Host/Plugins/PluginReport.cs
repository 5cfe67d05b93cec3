namespace Hospes.Host.Plugins;

/// <summary>A plugin as <c>hospes plugins</c> and the API show it.</summary>
/// <param name="Assembly">The path as <c>plugins.json</c> has it.</param>
/// <param name="Version">Its version; null when it could not be read.</param>
/// <param name="State">Refused when nothing of it is used.</param>
/// <param name="Exports">What it exports.</param>
/// <param name="Reasons">Why the whole of it was refused.</param>
internal sealed record PluginReport(string Assembly, string? Version, PluginState State, IReadOnlyList<ExportReport> Exports, IReadOnlyList<string> Reasons);
