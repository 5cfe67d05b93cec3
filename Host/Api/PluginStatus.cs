namespace Hospes.Host.Api;

/// <summary>A plugin as GET /v1/status tells it.</summary>
/// <param name="Assembly">Its file.</param>
/// <param name="State">loaded, partial, failed or whatever state it is in.</param>
/// <param name="Exports">What it offers, contract:name.</param>
internal sealed record PluginStatus(string Assembly, string State, IReadOnlyList<string> Exports);
