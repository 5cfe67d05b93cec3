using System.Buffers.Binary;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class PvhBuilderTests : IDisposable
{
    private const uint Mebibyte = 1 << 20;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_first_vcpu_starts_as_the_boot_protocol_says()
    {
        using GuestMemory memory = Memory(16);

        CpuState cpu = PvhBuilder.Build(Configuration(TinyKernel.FromCode([0xf4], new TinyKernelOptions { EntryOffset = 0 })), memory).CpuState;

        cpu.Rip.Should().Be(0x10_0000);
        cpu.Rflags.Should().Be(2);
        cpu.Cr0.Should().Be(0x11, "PE is set, and ET always");
        cpu.Cr3.Should().Be(0);
        cpu.Cr4.Should().Be(0);
        cpu.Msrs[0xc000_0080].Should().Be(0, "EFER");
        cpu.Msrs[0x2ff].Should().Be(0x806, "MTRRs are on and everything is write-back");
        cpu.Segments[1].Should().Match<SegmentState>(cs => cs.Base == 0 && cs.Limit == uint.MaxValue && cs.Attributes == 0xc9b);
        foreach (int data in (int[])[0, 2, 3])
            cpu.Segments[data].Should().Match<SegmentState>(segment => segment.Base == 0 && segment.Limit == uint.MaxValue && segment.Attributes == 0xc93);
        cpu.Tr.Should().Be(new SegmentState(0, 0, 0x67, 0x8b));
        BinaryPrimitives.ReadUInt16LittleEndian(cpu.ExtendedState).Should().Be(0x37f);
        BinaryPrimitives.ReadUInt32LittleEndian(cpu.ExtendedState.AsSpan(24)).Should().Be(0x1f80);
    }

    [Fact]
    public void Rbx_points_to_start_info_with_everything_in_it()
    {
        using GuestMemory memory = Memory(64);
        byte[] ramdisk = [.. Enumerable.Range(0, 10_001).Select(number => (byte)number)];
        DomainConfiguration configuration = Configuration(TinyKernel.FromCode([0xf4])) with
        {
            CommandLine = "console=hvc0 quiet", Ramdisk = _files.Write("initrd", ramdisk),
        };

        PvhBootState state = PvhBuilder.Build(configuration, memory);

        ulong info = state.CpuState.Registers[3];
        info.Should().Be(state.StartInfo.Address).And.Match(address => address % 4096 == 0);
        memory.UInt32(info).Should().Be(0x336e_c578);
        memory.UInt32(info + 4).Should().Be(1);
        memory.UInt32(info + 8).Should().Be(0, "it is no privileged domain");
        memory.UInt32(info + 52).Should().Be(0);
        memory.Text(memory.UInt64(info + 24)).Should().Be("console=hvc0 quiet");
        memory.Bytes(memory.UInt64(info + 32), 8).Should().Equal("RSD PTR "u8.ToArray());

        memory.UInt32(info + 12).Should().Be(1);
        ulong module = memory.UInt64(info + 16);
        ulong ramdiskStart = memory.UInt64(module);
        ramdiskStart.Should().Be(state.Ramdisk!.Value.Address).And.Match(address => address % 4096 == 0);
        memory.UInt64(module + 8).Should().Be(10_001);
        memory.UInt64(module + 16).Should().Be(0);
        memory.UInt64(module + 24).Should().Be(0);
        memory.Bytes(ramdiskStart, ramdisk.Length).Should().Equal(ramdisk);
        memory.Bytes(ramdiskStart + 10_001, 100).Should().OnlyContain(value => value == 0);

        ReadMemoryMap(memory, info).Should().Equal(state.MemoryMap);
    }

    [Fact]
    public void A_guest_without_ramdisk_and_command_line_has_no_modules_and_an_empty_line()
    {
        using GuestMemory memory = Memory(16);

        PvhBootState state = PvhBuilder.Build(Configuration(TinyKernel.FromCode([0xf4])), memory);

        state.Ramdisk.Should().BeNull();
        memory.UInt32(state.StartInfo.Address + 12).Should().Be(0);
        memory.UInt64(state.StartInfo.Address + 16).Should().Be(0);
        memory.Text(memory.UInt64(state.StartInfo.Address + 24)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(16, 16, 0)]
    [InlineData(3840, 3840, 0)]
    [InlineData(6144, 3840, 2304)]
    public void The_memory_map_has_ram_around_the_hole_and_the_special_ranges(int mebibytes, int low, int high)
    {
        using GuestMemory memory = Memory(mebibytes);

        PvhBootState state = PvhBuilder.Build(Configuration(TinyKernel.FromCode([0xf4])), memory);

        MemoryMapEntry[] ram = [.. state.MemoryMap.Where(entry => entry.Type == MemoryMapType.Ram)];
        ram[0].Should().Be(new MemoryMapEntry(new GuestPhysical(0), (ulong)low * Mebibyte, MemoryMapType.Ram));
        if (high == 0)
            ram.Should().ContainSingle();
        else
            ram[1].Should().Be(new MemoryMapEntry(new GuestPhysical(1UL << 32), (ulong)high * Mebibyte, MemoryMapType.Ram));
        state.MemoryMap.Should().ContainSingle(entry => entry.Type == MemoryMapType.Reserved)
            .Which.Should().Be(new MemoryMapEntry(new GuestPhysical(0xfeff_8000), 0x8000, MemoryMapType.Reserved));
        MemoryMapEntry acpi = state.MemoryMap.Single(entry => entry.Type == MemoryMapType.Acpi);
        acpi.Start.Should().Be(new GuestPhysical(0xfc00_1000));
        memory.UInt64(state.StartInfo.Address + 32).Should().BeInRange(acpi.Start.Address, acpi.Start.Address + acpi.Size - 36, "the RSDP is within");
        state.MemoryMap.Should().BeInAscendingOrder(entry => entry.Start.Address);
    }

    [Fact]
    public void The_shared_pages_are_where_xen_has_them_and_show_the_same_memory()
    {
        using GuestMemory memory = Memory(16);

        PvhBootState state = PvhBuilder.Build(Configuration(TinyKernel.FromCode([0xf4])), memory);

        state.StoreFrame.Should().Be(new GuestFrame(0xfeffc));
        state.ConsoleFrame.Should().Be(new GuestFrame(0xfefff));
        memory.TryWrite(state.StoreFrame.Start, [1, 2, 3]).Should().BeTrue();
        memory.TryWrite(state.ConsoleFrame.Start, [4, 5, 6]).Should().BeTrue();
        FirstBytes(memory, state.StoreHostFrame).Should().Equal(1, 2, 3);
        FirstBytes(memory, state.ConsoleHostFrame).Should().Equal(4, 5, 6);
    }

    [Fact]
    public void Segments_are_loaded_at_their_physical_addresses_above_4_gib_too()
    {
        using GuestMemory memory = Memory(4096);
        byte[] body = [.. Enumerable.Range(1, 9000).Select(number => (byte)number)];
        byte[] elf = TinyKernel.FromCode([0xfa, 0xf4], new TinyKernelOptions
        {
            Is64Bit = true,
            ZeroedBytes = 0x3000,
            MoreSegments = [new TinySegment(0x345678, body, 20_000), new TinySegment(0x1_0000_1ff0, body)],
        });

        PvhBuilder.Build(Configuration(elf), memory);

        memory.Bytes(0x10_0000, 4).Should().Equal(0xfa, 0xf4, 0, 0);
        memory.Bytes(0x345678, 9000).Should().Equal(body);
        memory.Bytes(0x345678 + 9000, 11_000).Should().OnlyContain(value => value == 0);
        memory.Bytes(0x1_0000_1ff0, 9000).Should().Equal(body);
    }

    [Fact]
    public void What_linux_reads_before_it_has_page_tables_is_below_1_gib()
    {
        using GuestMemory memory = Memory(2048);
        DomainConfiguration configuration = Configuration(TinyKernel.FromCode([0xf4])) with { Ramdisk = _files.Write("initrd", [1]) };

        PvhBootState state = PvhBuilder.Build(configuration, memory);

        state.StartInfo.Address.Should().BeInRange(1 << 20, (1 << 30) - 4096);
        state.Ramdisk!.Value.Address.Should().BeInRange(1 << 20, (1 << 30) - 4096).And.NotBe(state.StartInfo.Address);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(15, 13)]
    public void Kernel_ramdisk_and_start_info_never_overlap(int mebibytes, int kernelMebibytes)
    {
        // The kernel leaves room for a ramdisk and start info of a page each, and not a byte more, at the top or in front of it.
        uint kernelBytes = (uint)kernelMebibytes * Mebibyte;
        using GuestMemory memory = Memory(mebibytes + 1);
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions { LoadAddress = Mebibyte, ZeroedBytes = kernelBytes - 8193 });
        DomainConfiguration configuration = Configuration(elf) with { Ramdisk = _files.Write("initrd", new byte[4096]) };

        PvhBootState state = PvhBuilder.Build(configuration, memory);

        ulong[] pages = [state.StartInfo.Address, state.Ramdisk!.Value.Address];
        pages.Should().OnlyHaveUniqueItems().And.OnlyContain(page => page >= Mebibyte + kernelBytes - 8192 && page <= ((ulong)mebibytes + 1) * Mebibyte - 4096);
    }

    private static byte[] FirstBytes(GuestMemory memory, HostFrame frame)
    {
        unsafe
        {
            // A host frame is 4096 bytes that stay mapped as long as the memory object lives.
            return new ReadOnlySpan<byte>(memory.AddressOf(frame), 3).ToArray();
        }
    }

    private static GuestMemory Memory(int mebibytes) => new((ulong)mebibytes * Mebibyte, (ulong)mebibytes * Mebibyte);

    private static IEnumerable<MemoryMapEntry> ReadMemoryMap(GuestMemory memory, ulong info)
    {
        ulong map = memory.UInt64(info + 40);
        for (uint index = 0; index < memory.UInt32(info + 48); index++, map += 24)
        {
            memory.UInt32(map + 20).Should().Be(0, "the field is reserved");
            yield return new MemoryMapEntry(new GuestPhysical(memory.UInt64(map)), memory.UInt64(map + 8), (MemoryMapType)memory.UInt32(map + 16));
        }
    }

    private DomainConfiguration Configuration(byte[] kernel) => new()
    {
        DomainId = 1, Name = "test", Uuid = Guid.Empty, Kernel = _files.Write("kernel", kernel), MemoryMiB = 16, MaximumMemoryMiB = 16,
    };
}
