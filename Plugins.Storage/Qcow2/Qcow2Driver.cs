using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow2;

/// <summary><c>tap:qcow2:</c>, versions 2 and 3, with parents of any format.</summary>
[BlockDriver("tap:qcow2")]
public sealed class Qcow2Driver() : ChainDriver(new Qcow2Format());
