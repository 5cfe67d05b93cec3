using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Qcow;

/// <summary><c>tap:qcow:</c>, version 1 of the format, Xen's own variant included.</summary>
[BlockDriver("tap:qcow")]
public sealed class QcowDriver() : ChainDriver(new QcowFormat());
