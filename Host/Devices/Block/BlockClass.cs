using System.Globalization;
using Hospes.Host.DomainProcess.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Startup;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;
using Hospes.Sxp;

namespace Hospes.Host.Devices.Block;

/// <summary>Disks: <c>vbd</c> and <c>tap</c>, whose front-ends are the same.</summary>
internal sealed class BlockClass(AppliancePlugins plugins, BlockClaims claims, MountTable mounts) : IDeviceClass
{
    private const int MostFiles = 16;
    private const int MostQueues = 4;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Forms { get; } = ["vbd", "tap"];

    /// <inheritdoc/>
    public DeviceConfiguration Read(SxpList form)
    {
        DiskSpecification disk = DiskSpecification.Read(form);
        if (disk.Driver.Length > 0 && plugins.BlockDriver(disk.Driver) is null)
            throw Unknown(disk);
        return new DeviceConfiguration { Class = "vbd", BackendClass = disk.Class, Id = disk.Number, Name = disk.Name, Form = form };
    }

    /// <inheritdoc/>
    public void Compare(DeviceConfiguration one, DeviceConfiguration other)
    {
        if (one.Id == other.Id)
            throw XendException.Generic($"The device \"{one.Name}\" is already defined");
        string uname = one.Value("uname") ?? "";
        if (uname.Length > 0 && uname == other.Value("uname") && (IsWritable(one) || IsWritable(other)))
            throw XendException.Generic($"The uname \"{uname}\" is already defined");
    }

    /// <inheritdoc/>
    public async Task<DevicePlan> PrepareAsync(ManagedDomain domain, DeviceConfiguration configuration, CancellationToken cancellation)
    {
        DiskSpecification disk = DiskSpecification.Read(configuration.Form);
        return await Task.Run(() => Prepare(domain, configuration, disk), cancellation);
    }

    /// <inheritdoc/>
    public async Task<DevicePlan?> ReconfigureAsync(
        ManagedDomain domain, Device device, DeviceConfiguration configuration, CancellationToken cancellation)
    {
        // Another medium in a CD-ROM drive; nothing else changes while a guest has it (fact sheet "Storage", section 4).
        DiskSpecification disk = DiskSpecification.Read(configuration.Form);
        DiskSpecification before = DiskSpecification.Read(device.Configuration.Form);
        if (!disk.IsCdrom || !before.IsCdrom || disk.Name != before.Name || disk.Mode != DiskMode.Read)
            return null;
        return await Task.Run(() => Prepare(domain, configuration, disk), cancellation);
    }

    private static bool IsWritable(DeviceConfiguration configuration) => DiskSpecification.Read(configuration.Form).IsWritable;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private XendException Unknown(DiskSpecification disk) => disk.Class == "tap"
        ? XendException.Generic($"{disk.Driver} not a valid disk type")
        : XendException.Generic($"Block device type \"{disk.Driver}\" is invalid. There are: {string.Join(", ", plugins.BlockDrivers)}.");

    private DevicePlan Prepare(ManagedDomain domain, DeviceConfiguration configuration, DiskSpecification disk)
    {
        IReadOnlyList<BlockSource> sources = disk.Driver.Length == 0
            ? []
            : plugins.BlockDriver(disk.Driver)!.Plan(disk.Parameters, disk.IsWritable, new BlockFiles());
        if (sources.Count > MostFiles)
            throw new IOException($"{sources[0].Path} needs {sources.Count} files; a disk may have at most {MostFiles}.");
        List<BlockFile> files = [];
        try
        {
            foreach (BlockSource source in sources)
                files.Add(BlockFile.Open(source));
            (BlockClaim Claim, string Path)[] wanted =
                [.. files.Select(file => (new BlockClaim(domain.Id, domain.Uuid, file.Identity, file.IsWritable ? disk.Mode : DiskMode.Read), file.Path))];
            foreach ((BlockClaim claim, string path) in wanted)
                RequireUnmounted(claim, path);
            claims.Add(wanted);
            return Plan(configuration, disk, files, [.. wanted.Select(static pair => pair.Claim)], domain.Configuration.Vcpus);
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
    }

    private DevicePlan Plan(DeviceConfiguration configuration, DiskSpecification disk, List<BlockFile> files, BlockClaim[] claimed, int vcpus)
    {
        Dictionary<string, string> back = new(StringComparer.Ordinal)
        {
            ["dev"] = disk.Name,
            ["type"] = disk.StoreType,
            ["params"] = disk.StoreParameters,
            ["mode"] = disk.ModeText,
            ["removable"] = disk.IsCdrom ? "1" : "0",
        };
        if (configuration.Value("uuid") is { } uuid)
            back["uuid"] = uuid;
        if (configuration.Value("bootable") is { } bootable)
            back["bootable"] = bootable;
        if (files.Count > 0 && files[0].IsDevice)
            back["physical-device"] = files[0].DeviceNumber;
        return new DevicePlan
        {
            Front = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["virtual-device"] = Text(disk.Number),

                // A front-end that finds itself in a fully virtual machine leaves cdroms to an emulated drive, and takes a PVH guest's for one. There
                // is none; as a disk that cannot be written and may change, it works.
                ["device-type"] = "disk",
            },
            Back = back,
            Settings = new BlockSettings
            {
                Driver = disk.Driver,
                IsWritable = disk.IsWritable,
                IsCdrom = disk.IsCdrom,
                Queues = Math.Min(vcpus, MostQueues),
                PhysicalSectorSize = files.Count > 0 ? files[0].PhysicalSectorSize : 512,
                Paths = [.. files.Select(static file => file.Path)],
                IsFileWritable = [.. files.Select(static file => file.IsWritable)],
            }.Write(),
            Descriptors = [.. files.Select(static file => file.Handle)],
            Release = () =>
            {
                claims.Remove(claimed);
                return Task.CompletedTask;
            },
        };
    }

    private void RequireUnmounted(BlockClaim claim, string path)
    {
        if (claim.Mode == DiskMode.Force)
            return;
        if (BlockFile.DeviceOf(claim.Identity) is { } device)
        {
            if (Conflicts(claim.Mode, mounts.Find(device)))
                throw BlockClaims.Busy(path, claim.Mode, "in the privileged domain,", "by a guest.");
            return;
        }

        foreach ((string name, string number) in mounts.Loops(path))
        {
            if (Conflicts(claim.Mode, mounts.Find(number)))
            {
                bool reads = claim.Mode == DiskMode.Read;
                throw XendException.Generic(
                    $"\nFile {path} is loopback-mounted through {name},\nwhich is mounted {(reads ? "read-write " : "")}in the privileged domain,\n"
                    + $"and so cannot be mounted {(reads ? "read-only " : "")}by a guest.");
            }
        }
    }

    private static bool Conflicts(DiskMode wanted, DiskMode? mounted) =>
        mounted is { } present && (wanted == DiskMode.Write || present == DiskMode.Write);
}
