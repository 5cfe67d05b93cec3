using Hospes.Sdk.Engines;

namespace Hospes.Host.Plugins;

/// <summary>The engine that was chosen.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Engine">The engine itself.</param>
/// <param name="Detail">What it says of this host.</param>
internal sealed record EngineSelection(string Name, IExecutionEngine Engine, string Detail);
