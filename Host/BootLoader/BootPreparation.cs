using Hospes.Host.Devices.Block;
using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Startup;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk.Storage;
using Hospes.Sxp;

namespace Hospes.Host.BootLoader;

/// <summary>
/// Gets a domain's kernel: the files that its configuration names, or what a boot loader finds on its disk, which then lies in the domain's directory
/// and goes with it.
/// </summary>
internal sealed class BootPreparation(AppliancePlugins plugins, HostPaths paths, ILogger<BootPreparation> log)
{
    /// <summary>Prepares.</summary>
    /// <exception cref="XendException">There is nothing to boot.</exception>
    public async Task<BootImage> PrepareAsync(ManagedDomain domain, CancellationToken cancellation)
    {
        VmConfiguration configuration = domain.Configuration;
        if (configuration.BootLoader is null)
            return new BootImage(configuration.Kernel, configuration.Ramdisk, configuration.CommandLine);
        SxpList form = BootDisk(configuration);
        BootFiles found = await Task.Run(() => Load(DiskSpecification.Read(form), Entry(configuration)), cancellation);
        log.Info($"domain {domain}: boots '{found.Title}' from its disk");
        string directory = paths.Domain(domain.Id.Value);
        string kernel = Path.Combine(directory, "boot.kernel");
        await File.WriteAllBytesAsync(kernel, found.Kernel, cancellation);
        string? ramdisk = found.Ramdisk is null ? null : Path.Combine(directory, "boot.ramdisk");
        if (ramdisk is not null)
            await File.WriteAllBytesAsync(ramdisk, found.Ramdisk!, cancellation);
        return new BootImage(kernel, ramdisk, $"{found.Arguments} {configuration.CommandLine}".Trim());
    }

    // The first that is marked, else the first (fact sheet "Storage", section 8).
    private static SxpList BootDisk(VmConfiguration configuration)
    {
        SxpList[] disks = [.. configuration.Devices.Where(static form => form.Name is "vbd" or "tap")];
        return disks.FirstOrDefault(static form => form.ValueText("bootable") == "1") ?? disks.FirstOrDefault()
            ?? throw XendException.Generic("Had a bootloader specified, but no disks are bootable");
    }

    private static string? Entry(VmConfiguration configuration) => configuration.BootLoaderArguments
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(static word => word.StartsWith("--entry=", StringComparison.Ordinal))
        .Select(static word => word["--entry=".Length..]).LastOrDefault();

    private BootFiles Load(DiskSpecification disk, string? entry)
    {
        if (disk.Script is { } script)
            throw XendException.Generic($"Disk isn't accessible: {disk.Name} is there only once the script {script.Name} has made it. Name a kernel instead of a boot loader.");
        if (disk.Driver.Length == 0 || plugins.BlockDriver(disk.Driver) is not { } driver)
            throw XendException.Generic("Disk isn't accessible");
        List<IBlockFile> files = [];
        try
        {
            foreach (BlockSource source in driver.Plan(disk.Parameters, isWritable: false, new BlockFiles()))
                files.Add(BlockFile.Open(source with { IsDirect = false }));
        }
        catch (IOException failure)
        {
            files.ForEach(static file => file.Dispose());
            throw XendException.Generic($"Disk isn't accessible: {failure.Message}", failure);
        }

        try
        {
            using IBlockImage image = driver.Open(files, isWritable: false);
            return DiskBootLoader.Load(image, entry);
        }
        catch (IOException failure)
        {
            throw XendException.Generic(failure.Message, failure);
        }
    }
}
