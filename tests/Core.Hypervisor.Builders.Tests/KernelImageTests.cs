using Hospes.Hypervisor.Builders;
using Hospes.Sdk;
using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class KernelImageTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string> Methods => [.. Compressor.Methods];

    public static TheoryData<bool, ushort> Widths => new()
    {
        { false, 3 },
        { false, 62 },
        { true, 3 },
        { true, 62 },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Widths))]
    public void An_elf_file_of_either_width_and_machine_type_is_a_kernel(bool is64Bit, ushort machine)
    {
        byte[] elf = TinyKernel.FromCode([0xfa, 0xf4], new TinyKernelOptions
        {
            Is64Bit = is64Bit, Machine = machine, LoadAddress = 0x20_0000, EntryOffset = 1, ZeroedBytes = 0x1000, NoteValueSize = is64Bit ? 8 : 4,
        });

        using KernelImage kernel = KernelImage.Load(_files.Write("kernel", elf));

        kernel.Is64Bit.Should().Be(is64Bit);
        kernel.Entry.Should().Be(new GuestPhysical(0x20_0001));
        kernel.Segments.Should().ContainSingle();
        kernel.Segments[0].Address.Should().Be(new GuestPhysical(0x20_0000));
        kernel.Segments[0].FileSize.Should().Be(2);
        kernel.Segments[0].MemorySize.Should().Be(0x1002);
        Read(kernel, kernel.Segments[0]).Should().Equal(0xfa, 0xf4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_note_that_only_a_section_leads_to_is_found(bool is64Bit)
    {
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = is64Bit, Note = NotePlace.Section });

        using KernelImage kernel = KernelImage.Load(_files.Write("kernel", elf));

        kernel.Entry.Should().Be(new GuestPhysical(0x10_0000));
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_bzimage_of_every_compression_gives_its_kernel_byte_by_byte(string method)
    {
        byte[] body = Pattern(20 << 20);
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = true, MoreSegments = [new TinySegment(0x100_0000, body)] });

        using KernelImage kernel = KernelImage.Load(_files.Write("vmlinuz", Compressor.BzImage(method, elf)));

        kernel.Description.Should().Be($"bzImage 6.1.0-test, {method}, ELF64");
        kernel.Segments.Should().HaveCount(2);
        Read(kernel, kernel.Segments[1]).AsSpan().SequenceEqual(body).Should().BeTrue();
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_compressed_vmlinux_is_read_as_well(string method)
    {
        using KernelImage kernel = KernelImage.Load(_files.Write("vmlinux.z", Compressor.Compress(method, TinyKernel.FromCode([0xf4]))));

        kernel.Description.Should().Be($"{method}, ELF32");
    }

    [Fact]
    public void A_bzimage_may_carry_its_kernel_uncompressed()
    {
        byte[] image = BzImage.Wrap(TinyKernel.FromCode([0xfa, 0xf4]));

        using KernelImage kernel = KernelImage.Load(_files.Write("vmlinuz", image));

        kernel.Description.Should().Be("bzImage 6.1.0-test, ELF32");
        Read(kernel, kernel.Segments[0]).Should().Equal(0xfa, 0xf4);
    }

    [Fact]
    public void A_compressed_bzimage_is_read_as_well()
    {
        byte[] image = Compressor.Compress("gzip", Compressor.BzImage("gzip", TinyKernel.FromCode([0xf4])));

        using KernelImage kernel = KernelImage.Load(_files.Write("vmlinuz.gz", image));

        kernel.Description.Should().Be("gzip, bzImage 6.1.0-test, gzip, ELF32");
    }

    [Fact]
    public void Segments_come_in_the_order_of_their_addresses()
    {
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions
        {
            LoadAddress = 0x40_0000, MoreSegments = [new TinySegment(0x30_0000, [1]), new TinySegment(0x10_0000, [2], 0x2000)],
        });

        using KernelImage kernel = KernelImage.Load(_files.Write("kernel", elf));

        kernel.Segments.Select(segment => segment.Address.Address).Should().Equal(0x10_0000, 0x30_0000, 0x40_0000);
        kernel.End.Should().Be(new GuestPhysical(0x40_0001));
    }

    private static byte[] Read(KernelImage kernel, KernelSegment segment)
    {
        byte[] bytes = new byte[segment.FileSize];
        kernel.Contents.Read(segment.FileOffset, bytes);
        return bytes;
    }

    // Neither random, so that every method finds something to do, nor regular, so that a block out of place shows.
    private static byte[] Pattern(int count)
    {
        byte[] bytes = new byte[count];
        var random = new Random(4711);
        for (int at = 0; at < count; at += 64)
            random.NextBytes(bytes.AsSpan(at, Math.Min(16, count - at)));
        return bytes;
    }
}
