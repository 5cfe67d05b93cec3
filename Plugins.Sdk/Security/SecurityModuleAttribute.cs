using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Security;

/// <summary>Exports an <see cref="ISecurityModule"/>: <c>"security": "acm"</c> in <c>plugins.json</c> chooses it by this name.</summary>
public sealed class SecurityModuleAttribute(string name) : PluginExportAttribute(typeof(ISecurityModule), name);
