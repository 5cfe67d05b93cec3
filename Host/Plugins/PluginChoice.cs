namespace Hospes.Host.Plugins;

/// <summary>Which export of a contract is to be used.</summary>
/// <param name="Contract">The contract's interface.</param>
/// <param name="Key">The key in <c>plugins.json</c>.</param>
/// <param name="Name">The chosen export's name.</param>
/// <param name="Place">Where it is written; null: nowhere, it is the default.</param>
internal sealed record PluginChoice(Type Contract, string Key, string Name, string? Place);
