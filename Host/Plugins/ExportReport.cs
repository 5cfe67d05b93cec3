namespace Hospes.Host.Plugins;

/// <summary>An export as people are shown it.</summary>
/// <param name="Contract">What it is, as in <c>scheduler</c>.</param>
/// <param name="Name">The name users write.</param>
/// <param name="State">What became of it.</param>
/// <param name="Reasons">Why it was refused.</param>
internal sealed record ExportReport(string Contract, string Name, PluginState State, IReadOnlyList<string> Reasons);
