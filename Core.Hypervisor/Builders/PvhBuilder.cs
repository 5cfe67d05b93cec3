using Hospes.Hypervisor.Builders.Acpi;
using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Builders.Pvh;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders;

/// <summary>Fills a new guest's memory for Xen's PVH boot protocol (fact sheet "Guest ABI", section 1).</summary>
public static class PvhBuilder
{
    /// <summary>Loads kernel and ramdisk, writes start info and ACPI tables, and maps the shared pages.</summary>
    /// <param name="configuration">What to load. The amount of memory is that of <paramref name="memory"/>.</param>
    /// <param name="memory">Memory that nobody has written to: what a kernel expects to be zero is not cleared again.</param>
    /// <param name="unpacked">An <see cref="UnpackedKernel"/> of that kernel: used if it is complete, else filled. Stays the caller's. Null: there is none.</param>
    /// <exception cref="DomainBuildException">
    /// The guest cannot be started. Found before memory is touched, unless a file cannot be read any more while it is copied.
    /// </exception>
    /// <exception cref="IOException">The host has no room to decompress the kernel.</exception>
    public static PvhBootState Build(DomainConfiguration configuration, GuestMemory memory, SafeFileHandle? unpacked = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(memory);
        using PvhPlan plan = PvhPlan.Create(configuration, memory, unpacked);
        LoadKernel(plan, memory);
        plan.Kernel.Dispose(); // the RAM that it borrowed is needed now
        LoadRamdisk(plan, configuration, memory);
        byte[] startInfo = StartInfo.Write(
            plan.StartInfoAddress,
            plan.CommandLine,
            plan.MemoryMap,
            (plan.RamdiskStart, (ulong)(plan.Ramdisk?.Length ?? 0)),
            plan.Acpi.Rsdp);
        Write(memory, plan.StartInfoAddress, startInfo);
        MapAcpi(plan.Acpi, memory);
        return new PvhBootState
        {
            CpuState = EntryState.Create(plan.Kernel.Entry, plan.StartInfoAddress),
            StoreFrame = SpecialPages.Store,
            StoreHostFrame = MapShared(memory, SpecialPages.Store),
            ConsoleFrame = SpecialPages.Console,
            ConsoleHostFrame = MapShared(memory, SpecialPages.Console),
            MemoryMap = plan.MemoryMap,
            StartInfo = plan.StartInfoAddress,
            Ramdisk = plan.Ramdisk is null ? null : plan.RamdiskStart,
            KernelDescription = plan.Kernel.Description,
        };
    }

    private static void LoadKernel(PvhPlan plan, GuestMemory memory)
    {
        try
        {
            foreach (KernelSegment segment in plan.Kernel.Segments)
                GuestLoader.MakeRoom(plan.Kernel.Contents, memory, segment.Address, segment.MemorySize);
            foreach (KernelSegment segment in plan.Kernel.Segments)
                GuestLoader.Load(plan.Kernel.Contents, segment.FileOffset, memory, segment.Address, segment.FileSize);
        }
        catch (ImageFaultException fault)
        {
            throw new DomainBuildException($"Kernel image {plan.Kernel.Path} {fault.Message}", fault);
        }
    }

    private static void LoadRamdisk(PvhPlan plan, DomainConfiguration configuration, GuestMemory memory)
    {
        if (plan.Ramdisk is not { } ramdisk)
            return;
        try
        {
            GuestLoader.Load(ramdisk, 0, memory, plan.RamdiskStart, (ulong)ramdisk.Length);
        }
        catch (ImageFaultException fault)
        {
            throw new DomainBuildException($"Kernel ramdisk {configuration.Ramdisk} {fault.Message}", fault);
        }
    }

    private static void MapAcpi(AcpiTables tables, GuestMemory memory)
    {
        for (ulong offset = 0; offset < (ulong)tables.Bytes.Length; offset += GuestMemory.FrameSize)
            MapShared(memory, new GuestPhysical(AcpiTables.Base.Address + offset).Frame);
        Write(memory, AcpiTables.Base, tables.Bytes);
    }

    private static HostFrame MapShared(GuestMemory memory, GuestFrame at)
    {
        HostFrame frame = memory.AllocateShared();
        return memory.Map(at, frame) ? frame : throw new InvalidOperationException($"guest memory has no frame {at}");
    }

    private static void Write(GuestMemory memory, GuestPhysical to, ReadOnlySpan<byte> bytes)
    {
        if (!memory.TryWrite(to, bytes))
            throw new InvalidOperationException($"guest memory has no {bytes.Length} bytes at {to}");
    }
}
