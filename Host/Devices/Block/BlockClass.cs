using System.Globalization;
using Hospes.Host.DomainProcess.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Networks;
using Hospes.Host.Security;
using Hospes.Host.Startup;
using Hospes.Host.Startup.Configuration;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Security;
using Hospes.Sdk.Storage;
using Hospes.Sxp;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Devices.Block;

/// <summary>Disks: <c>vbd</c> and <c>tap</c>, whose front-ends are the same.</summary>
internal sealed class BlockClass(
    AppliancePlugins plugins, BlockScripts scripts, XendConfiguration configuration, BlockClaims claims, MountTable mounts, SecurityService security) : IDeviceClass
{
    private const int MostFiles = 16;
    private const int MostQueues = 4;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Forms { get; } = ["vbd", "tap"];

    /// <inheritdoc/>
    public DeviceConfiguration Read(SxpList form)
    {
        DiskSpecification disk = DiskSpecification.Read(form);
        if (disk.Driver.Length > 0 && !IsKnown(disk) && scripts.For(disk, isKnown: false) is null)
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
        return scripts.For(disk, IsKnown(disk)) is { } script
            ? Scripted(domain, configuration, disk, script)
            : await Task.Run(() => Prepare(domain, configuration, disk), cancellation);
    }

    /// <inheritdoc/>
    public DevicePlan Recall(ManagedDomain domain, DeviceConfiguration configuration, IReadOnlyDictionary<string, string> state)
    {
        DiskSpecification disk = DiskSpecification.Read(configuration.Form);
        BlockClaim[] claimed = BlockClaimList.Read(state, domain);
        claims.Restore(claimed);
        ScriptLine? script = scripts.Recall(disk, IsKnown(disk));
        return new DevicePlan
        {
            Front = FrontNodes(disk),
            Back = BackNodes(configuration, disk),
            Settings = DevicePlan.NoState,
            State = state,
            Release = async () =>
            {
                claims.Remove(claimed);
                if (script is not null)
                    await scripts.RemoveAsync(script, BackPath(domain, disk));
            },
        };
    }

    /// <inheritdoc/>
    public async Task<DevicePlan?> ReconfigureAsync(
        ManagedDomain domain, Device device, DeviceConfiguration configuration, CancellationToken cancellation)
    {
        // Another medium in a CD-ROM drive; nothing else changes while a guest has it (fact sheet "Storage", section 4).
        DiskSpecification disk = DiskSpecification.Read(configuration.Form);
        DiskSpecification before = DiskSpecification.Read(device.Configuration.Form);
        if (!disk.IsCdrom || !before.IsCdrom || disk.Name != before.Name || disk.Mode != DiskMode.Read
            || scripts.For(disk, IsKnown(disk)) is not null || scripts.For(before, IsKnown(before)) is not null)
            return null;
        return await Task.Run(() => Prepare(domain, configuration, disk), cancellation);
    }

    private static bool IsWritable(DeviceConfiguration configuration) => DiskSpecification.Read(configuration.Form).IsWritable;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string BackPath(ManagedDomain domain, DiskSpecification disk) =>
        string.Create(CultureInfo.InvariantCulture, $"/local/domain/0/backend/{disk.Class}/{domain.Id}/{disk.Number}");

    private XendException Unknown(DiskSpecification disk) => disk.Class == "tap"
        ? XendException.Generic($"{disk.Driver} not a valid disk type")
        : XendException.Generic($"Block device type \"{disk.Driver}\" is invalid. There are: {string.Join(", ", plugins.BlockDrivers)}.");

    private bool IsKnown(DiskSpecification disk) => plugins.BlockDriver(disk.Driver) is not null;

    private DevicePlan Prepare(ManagedDomain domain, DeviceConfiguration configuration, DiskSpecification disk)
    {
        Opened opened = disk.Driver.Length == 0 ? new Opened([], []) : Open(domain, disk, disk.Driver, disk.Parameters);
        Dictionary<string, string> back = BackNodes(configuration, disk);
        if (opened.DeviceNumber is { } number)
            back["physical-device"] = number;
        return new DevicePlan
        {
            Front = FrontNodes(disk),
            Back = back,
            Settings = Settings(disk, disk.Driver, opened.Files, domain.Configuration.Vcpus),
            Descriptors = [.. opened.Files.Select(static file => file.Handle)],
            State = BlockClaimList.Write(opened.Claims),
            Release = () =>
            {
                claims.Remove(opened.Claims);
                return Task.CompletedTask;
            },
        };
    }

    /// <summary>A disk whose device does not exist yet: it is made, opened and claimed once the script can find the disk in the store.</summary>
    private DevicePlan Scripted(ManagedDomain domain, DeviceConfiguration configuration, DiskSpecification disk, ScriptLine script)
    {
        string backPath = BackPath(domain, disk);
        Dictionary<string, string> state = new(StringComparer.Ordinal);
        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        List<SafeFileHandle> descriptors = [];
        BlockClaim[] claimed = [];
        Dictionary<string, string> back = BackNodes(configuration, disk);
        back["script"] = scripts.PathOf(script);
        return new DevicePlan
        {
            Front = FrontNodes(disk),
            Back = back,
            Settings = settings,
            Descriptors = descriptors,
            State = state,
            Connect = async cancellation =>
            {
                string path = await scripts.AddAsync(script, backPath, cancellation);
                string driver = path.StartsWith("/dev/", StringComparison.Ordinal) ? "phy" : "file";
                Opened opened = await Task.Run(() => Open(domain, disk, driver, path), cancellation);
                claimed = opened.Claims;
                foreach ((string key, string value) in BlockClaimList.Write(claimed))
                    state[key] = value;
                descriptors.AddRange(opened.Files.Select(static file => file.Handle));
                foreach ((string key, string value) in Settings(disk, driver, opened.Files, domain.Configuration.Vcpus))
                    settings[key] = value;
                return new Dictionary<string, string>(StringComparer.Ordinal);
            },
            Release = async () =>
            {
                claims.Remove(claimed);
                await scripts.RemoveAsync(script, backPath);
            },
        };
    }

    private Opened Open(ManagedDomain domain, DiskSpecification disk, string driver, string parameters)
    {
        IReadOnlyList<BlockSource> sources = plugins.BlockDriver(driver)!.Plan(parameters, disk.IsWritable, new BlockFiles());
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
            try
            {
                // Claimed first: a label cannot change any more.
                for (int index = 0; index < files.Count; index++)
                    security.RequireUse(SecurityOperation.BlockAttach, domain, Resource(files[index], index == 0 ? $"{driver}:{parameters}" : $"file:{files[index].Path}"));
            }
            catch
            {
                claims.Remove(wanted.Select(static pair => pair.Claim));
                throw;
            }

            return new Opened(files, [.. wanted.Select(static pair => pair.Claim)]);
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
    }

    private static SecurityResource Resource(BlockFile file, string name) => new(name, file.Path, file.Handle);

    private static Dictionary<string, string> BackNodes(DeviceConfiguration configuration, DiskSpecification disk)
    {
        Dictionary<string, string> back = new(StringComparer.Ordinal)
        {
            ["dev"] = disk.Name,
            ["type"] = disk.StoreType,
            ["params"] = disk.StoreParameters,
            ["mode"] = disk.ModeText,
            ["removable"] = disk.IsCdrom ? "1" : "0",
        };
        foreach (string key in (string[])["uuid", "bootable"])
        {
            if (configuration.Value(key) is { } value)
                back[key] = value;
        }

        return back;
    }

    // A front-end that finds itself in a fully virtual machine leaves cdroms to an emulated drive, and takes a PVH guest's for one. There is none; as a
    // disk that cannot be written and may change, it works.
    private static Dictionary<string, string> FrontNodes(DiskSpecification disk) =>
        new(StringComparer.Ordinal) { ["virtual-device"] = Text(disk.Number), ["device-type"] = "disk" };

    private Dictionary<string, string> Settings(DiskSpecification disk, string driver, IReadOnlyList<BlockFile> files, int vcpus) => new BlockSettings
    {
        Driver = driver,
        IsWritable = disk.IsWritable,
        IsCdrom = disk.IsCdrom,
        Queues = Math.Min(vcpus, MostQueues),
        PhysicalSectorSize = files.Count > 0 ? files[0].PhysicalSectorSize : 512,
        Paths = [.. files.Select(static file => file.Path)],
        OffersPersistentGrants = configuration.Flag(XendParameters.PersistentGrants),
        IsFileWritable = [.. files.Select(static file => file.IsWritable)],
    }.Write();

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

    private sealed record Opened(IReadOnlyList<BlockFile> Files, BlockClaim[] Claims)
    {
        public string? DeviceNumber => Files.Count > 0 && Files[0].IsDevice ? Files[0].DeviceNumber : null;
    }
}
