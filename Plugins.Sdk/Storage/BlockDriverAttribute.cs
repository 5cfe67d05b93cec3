using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Storage;

/// <summary>Exports an <see cref="IBlockDriver"/> under what people write before the path: <c>phy</c>, <c>file</c>, <c>tap:aio</c>, <c>tap:qcow2</c>.</summary>
public sealed class BlockDriverAttribute(string name) : PluginExportAttribute(typeof(IBlockDriver), name);
