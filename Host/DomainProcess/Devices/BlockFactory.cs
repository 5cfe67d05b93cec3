using System.Globalization;
using Hospes.Hypervisor.Backends.Block;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>Makes disks of what the Host has opened; <see cref="BlockSettings"/> says which settings there are.</summary>
internal sealed class BlockFactory(DomainPlugins plugins) : IDeviceFactory
{
    /// <inheritdoc/>
    public string Class => "vbd";

    /// <inheritdoc/>
    public IDeviceBackend Make(DeviceContext context, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors)
    {
        BlockSettings disk = BlockSettings.Read(settings);
        IBlockImage image = Open(disk, descriptors);
        return new BlockBackend(context, image, new BlockOptions
        {
            IsWritable = disk.IsWritable,
            IsCdrom = disk.IsCdrom,
            Queues = disk.Queues,
            PhysicalSectorSize = disk.PhysicalSectorSize,
            OffersPersistentGrants = disk.OffersPersistentGrants,
        });
    }

    /// <inheritdoc/>
    public void Change(IDeviceBackend backend, IReadOnlyDictionary<string, string> settings, IReadOnlyList<SafeFileHandle> descriptors) =>
        ((BlockBackend)backend).ChangeImage(Open(BlockSettings.Read(settings), descriptors));

    private IBlockImage Open(BlockSettings disk, IReadOnlyList<SafeFileHandle> descriptors)
    {
        if (disk.Driver.Length == 0)
            return new EmptyImage();
        BlockFile[] files =
        [
            .. descriptors.Select((descriptor, index) => new BlockFile(descriptor, disk.Paths[index], disk.IsFileWritable[index])),
        ];
        return plugins.BlockDriver(disk.Driver).Open(files, disk.IsWritable);
    }
}
