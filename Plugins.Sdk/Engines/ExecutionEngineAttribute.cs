using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Engines;

/// <summary>Exports an <see cref="IExecutionEngine"/> under a name such as <c>translator</c> or <c>kvm</c>.</summary>
public sealed class ExecutionEngineAttribute(string name) : PluginExportAttribute(typeof(IExecutionEngine), name);
