using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Networking;

/// <summary>Exports an <see cref="IVifScript"/> under a name such as <c>vif-bridge</c>: what <c>(vif-script ...)</c> and <c>script=</c> may say.</summary>
public sealed class VifScriptAttribute(string name) : PluginExportAttribute(typeof(IVifScript), name);
