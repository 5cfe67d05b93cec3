using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Networking;

/// <summary>Exports an <see cref="INetworkScript"/> under a name such as <c>network-bridge</c>: what <c>(network-script ...)</c> may say.</summary>
public sealed class NetworkScriptAttribute(string name) : PluginExportAttribute(typeof(INetworkScript), name);
