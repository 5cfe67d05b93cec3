using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Consoles;

/// <summary>Exports an <see cref="IConsoleBackend"/> under a name such as <c>socket</c>.</summary>
public sealed class ConsoleBackendAttribute(string name) : PluginExportAttribute(typeof(IConsoleBackend), name);
