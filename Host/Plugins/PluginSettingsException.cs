namespace Hospes.Host.Plugins;

/// <summary>What <c>plugins.json</c> gives an export is not what it takes.</summary>
internal sealed class PluginSettingsException(IReadOnlyList<PluginFault> faults) : Exception(string.Join('\n', faults))
{
    internal IReadOnlyList<PluginFault> Faults { get; } = faults;
}
