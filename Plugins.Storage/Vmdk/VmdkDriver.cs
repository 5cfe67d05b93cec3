using Hospes.Sdk.Storage;
using Hospes.Storage.Formats;

namespace Hospes.Storage.Vmdk;

/// <summary><c>tap:vmdk:</c>, sparse disks in one file: hosted ("KDMV") and of ESX ("COWD").</summary>
[BlockDriver("tap:vmdk")]
public sealed class VmdkDriver() : ChainDriver(new VmdkFormat());
