namespace Hospes.Sdk.Composition;

/// <summary>
/// Says which contract version a plugin assembly was built against. Every plugin assembly carries
/// <c>[assembly: PluginContract(SdkContract.Version)]</c>; the compiler stores the number, so the host can read it without running the plugin.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class PluginContractAttribute(int version) : Attribute
{
    /// <summary><see cref="SdkContract.Version"/> at the time the plugin was built.</summary>
    public int Version { get; } = version;
}
