namespace Hospes.Host.Plugins;

/// <summary>The host cannot start with these plugins; the message lists everything that is wrong, a line each.</summary>
internal sealed class PluginCatalogException(IReadOnlyList<PluginFault> faults)
    : Exception($"the plugins are not in order ({faults.Count} {(faults.Count == 1 ? "fault" : "faults")}):\n{string.Join('\n', faults.Select(fault => $"  {fault}"))}")
{
    internal IReadOnlyList<PluginFault> Faults { get; } = faults;
}
