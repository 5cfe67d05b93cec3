using Hospes.Hypervisor.Builders.Acpi;
using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>
/// Everything about a PVH start, checked and placed, before a byte of guest memory changes. The start info is below 1 GiB, which is all that Linux has
/// mapped when it reads it; the ramdisk too, where it fits, else anywhere below the device hole.
/// </summary>
internal sealed class PvhPlan : IDisposable
{
    private const ulong EarlyMapping = 1UL << 30;
    private const ulong HighRamStart = 0x1_0000_0000;

    // A smaller guest's kernel is still decompressed up to here, to be able to say how much memory it needs.
    private const ulong UsualKernel = 128UL << 20;

    private PvhPlan(KernelImage kernel, ImageContents? ramdisk)
    {
        Kernel = kernel;
        Ramdisk = ramdisk;
    }

    public KernelImage Kernel { get; }

    public ImageContents? Ramdisk { get; }

    public GuestPhysical RamdiskStart { get; private set; }

    public GuestPhysical StartInfoAddress { get; private set; }

    public required byte[] CommandLine { get; init; }

    public required AcpiTables Acpi { get; init; }

    public required IReadOnlyList<MemoryMapEntry> MemoryMap { get; init; }

    /// <summary>Reads and checks all that <paramref name="configuration"/> names, for a guest with <paramref name="memory"/>; only borrows from that.</summary>
    /// <exception cref="DomainBuildException">Such a guest cannot be started.</exception>
    public static PvhPlan Create(DomainConfiguration configuration, GuestMemory memory, SafeFileHandle? unpacked)
    {
        ulong ramBytes = (ulong)memory.RamFrames * GuestMemory.FrameSize;
        if (ramBytes == 0)
            throw new DomainBuildException($"Domain {configuration.Name} has no memory: memory is {configuration.MemoryMiB} MiB");
        if (configuration.Vcpus is < 1 or > AcpiTables.MaximumVcpus)
            throw new DomainBuildException($"Domain {configuration.Name} cannot have {configuration.Vcpus} vcpus: 1 to {AcpiTables.MaximumVcpus} are possible");
        byte[] commandLine = Builders.CommandLine.Encode(configuration.CommandLine);
        AcpiTables acpi = AcpiTables.Build(configuration.Vcpus);
        ImageContents? ramdisk = null;
        KernelImage? kernel = null;
        try
        {
            // The ramdisk first, as looking at it costs nothing.
            ramdisk = string.IsNullOrEmpty(configuration.Ramdisk) ? null : FileContents.Open(configuration.Ramdisk, "Kernel ramdisk");
            if (ramdisk is not null && (ulong)ramdisk.Length >= ramBytes)
                throw new DomainBuildException($"Kernel ramdisk {configuration.Ramdisk} of {Mebibytes((ulong)ramdisk.Length)} does not fit into "
                    + $"{Mebibytes(ramBytes)} of memory");
            kernel = KernelImage.Load(
                configuration.Kernel, (long)Math.Clamp(ramBytes, UsualKernel, KernelImage.DefaultMaximumBytes), memory.BorrowUpperHalf, unpacked);
            var plan = new PvhPlan(kernel, ramdisk)
            {
                CommandLine = commandLine,
                Acpi = acpi,
                MemoryMap = PvhMemoryMap.Build(ramBytes, (ulong)acpi.Bytes.Length),
            };
            plan.CheckSegments(ramBytes);
            plan.Place(configuration, ramBytes);
            return plan;
        }
        catch
        {
            kernel?.Dispose();
            ramdisk?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Kernel.Dispose();
        Ramdisk?.Dispose();
    }

    private static string Mebibytes(ulong bytes) => bytes < 1 << 20 ? $"{(bytes + 1023) >> 10} KiB" : $"{(bytes + (1 << 20) - 1) >> 20} MiB";

    private void CheckSegments(ulong ramBytes)
    {
        ulong low = GuestMemory.LowRam(ramBytes);
        ulong top = GuestMemory.RamTop(ramBytes);
        foreach (KernelSegment segment in Kernel.Segments)
        {
            ulong start = segment.Address.Address;
            ulong end = segment.End.Address;
            if (end <= low || (start >= HighRamStart && end <= top))
                continue;
            throw new DomainBuildException(start < low || end <= GuestMemory.HoleStart
                ? $"{Mebibytes(ramBytes)} of memory is too small: kernel {Kernel.Path} needs at least {Mebibytes(end)} (it loads {segment.Address} to {segment.End})"
                : $"Kernel image {Kernel.Path} cannot be loaded: its segment at {segment.Address} to {segment.End} is outside of the guest's memory");
        }
    }

    private void Place(DomainConfiguration configuration, ulong ramBytes)
    {
        var low = new LowMemory(GuestMemory.LowRam(ramBytes), Kernel.Segments.Select(segment => (segment.Address.Address, segment.End.Address)));
        ulong? startInfo = low.Take((ulong)StartInfo.Size(MemoryMap.Count, CommandLine.Length), EarlyMapping);
        ulong? ramdisk = Ramdisk is null ? 0 : low.Take((ulong)Ramdisk.Length, EarlyMapping) ?? low.Take((ulong)Ramdisk.Length, ulong.MaxValue);
        if (startInfo is null || ramdisk is null)
            throw new DomainBuildException($"{Mebibytes(ramBytes)} of memory is too small: kernel {Kernel.Path} ends at {Mebibytes(Kernel.End.Address)}"
                + (Ramdisk is null ? "" : $" and ramdisk {configuration.Ramdisk} has {Mebibytes((ulong)Ramdisk.Length)}")
                + ", and start information has to fit as well");
        StartInfoAddress = new GuestPhysical(startInfo.Value);
        RamdiskStart = new GuestPhysical(ramdisk.Value);
    }
}
