using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Hospes.Hypervisor.Builders;
using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class BadKernelTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    /// <summary>First bytes of files that people might name by mistake, and what the message must say.</summary>
    public static TheoryData<byte[], string> OtherThings => new()
    {
        { "#!/bin/sh\nexit 0\n"u8.ToArray(), "*is not a kernel: it is a script that starts with #!/bin/sh" },
        { "kernel = \"/boot/vmlinuz\"\n"u8.ToArray(), "*is not a kernel: it is text that starts with \"kernel = \"/boot/vmlinuz\"\"" },
        { "070701000000"u8.ToArray(), "*is not a kernel: it is a cpio archive*" },
        { "MZ\x90\0"u8.ToArray(), "*EFI or DOS program*" },
        { At(0x38, "ARM\x64"u8), "*is a 64-bit AArch64 kernel*" },
        { At(0x24, [0x18, 0x28, 0x6f, 0x01]), "*is a 32-bit ARM kernel*" },
        { At(0x38, "RSC\x05"u8), "*is a RISC-V kernel*" },
        { At(0x1fe, [0x55, 0xaa]), "*is a boot sector or a disk image*" },
        { [0x89, 0x4c, 0x5a, 0x4f, 0, 0], "*lzo*" },
        { [0x04, 0x22, 0x4d, 0x18, 0, 0], "*lz4 -l*" },
        { [0xde, 0xad, 0xbe, 0xef], "*it starts with deadbeef *" },
    };

    public static TheoryData<string> Methods => [.. Compressor.Methods];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(OtherThings))]
    public void What_is_no_kernel_is_called_by_its_name(byte[] content, string message) => Failure(content).Should().Match(message);

    [Fact]
    public void A_missing_file_is_said_in_xens_words()
    {
        string path = Path.Combine(_files.Path, "vmlinuz");

        Action load = () => KernelImage.Load(path);

        load.Should().Throw<DomainBuildException>().WithMessage($"Kernel image does not exist: {path}");
    }

    [Fact]
    public void A_directory_is_no_kernel() =>
        FluentActions.Invoking(() => KernelImage.Load(_files.Path)).Should().Throw<DomainBuildException>().WithMessage("*is a directory*");

    [Fact]
    public void An_empty_file_is_no_kernel() => Failure([]).Should().EndWith("is empty");

    [SkippableFact]
    public void A_named_pipe_is_refused_without_waiting_for_a_writer()
    {
        Skip.IfNot(CommandTool.IsInstalled("mkfifo"), "mkfifo is not installed");
        string path = Path.Combine(_files.Path, "pipe");
        Process.Start("mkfifo", path).WaitForExit();

        Action load = () => KernelImage.Load(path);

        load.Should().Throw<DomainBuildException>().WithMessage("*is not a regular file");
    }

    [Theory]
    [InlineData(183, "is a 64-bit AArch64 kernel")]
    [InlineData(40, "is a 32-bit ARM kernel")]
    [InlineData(243, "is a RISC-V kernel")]
    [InlineData(1000, "is a machine type 1000 kernel")]
    public void An_elf_file_for_another_cpu_names_it(int machine, string message) =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = true, Machine = (ushort)machine })).Should().Contain(message);

    [Fact]
    public void A_big_endian_elf_file_names_its_cpu() => Failure(Patched(elf =>
    {
        elf[5] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(elf.AsSpan(18), 21);
    })).Should().Contain("is a 64-bit PowerPC kernel, big-endian");

    [Fact]
    public void A_kernel_without_the_note_says_which_option_it_needs() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { Note = NotePlace.Missing })).Should().EndWith("has no PHYS32_ENTRY note (needs CONFIG_PVH)");

    [Fact]
    public void A_kernel_with_the_classic_entry_alone_says_so() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { NoteType = 1 })).Should().Contain("only Xen's classic paravirtual entry");

    [Fact]
    public void A_note_of_a_wrong_size_is_refused() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { NoteValueSize = 6 })).Should().Contain("note of 6 bytes");

    [Fact]
    public void An_entry_outside_of_what_is_loaded_is_refused() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { EntryOffset = 0x1000 })).Should().Contain("entry at 0x101000");

    [Fact]
    public void Overlapping_segments_are_refused() =>
        Failure(TinyKernel.FromCode(new byte[0x2000], new TinyKernelOptions { MoreSegments = [new TinySegment(0x10_1000, [1])] }))
            .Should().Contain("segments that overlap: 0x100000 to 0x102000 and 0x101000 to 0x101001");

    [Fact]
    public void A_segment_with_more_bytes_than_memory_is_refused() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { MoreSegments = [new TinySegment(0x20_0000, [1, 2, 3], 2)] }))
            .Should().Contain("more bytes in the file than in memory");

    [Fact]
    public void A_segment_beyond_all_addresses_is_refused() =>
        Failure(TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = true, MoreSegments = [new TinySegment(ulong.MaxValue - 1, [1, 2, 3])] }))
            .Should().Contain("beyond all addresses");

    [Fact]
    public void An_object_file_is_refused() => Failure(Patched(elf => elf[16] = 1)).Should().Contain("object file");

    [Fact]
    public void A_program_with_a_dynamic_loader_is_no_kernel() => Failure(Patched(elf => elf[64] = 3)).Should().Contain("runs under an operating system");

    [Fact]
    public void Nothing_to_load_is_refused() => Failure(Patched(elf => elf[64] = 6)).Should().Contain("nothing to load");

    [Fact]
    public void Program_headers_that_are_too_small_are_refused() => Failure(Patched(elf => elf[54] = 8)).Should().Contain("8 bytes each");

    [Fact]
    public void An_elf_file_cut_anywhere_is_refused_and_never_crashes()
    {
        byte[] elf = TinyKernel.FromCode(new byte[64], new TinyKernelOptions { Is64Bit = true });
        int end = 0x1000 + 64;
        for (int length = 1; length < end; length += length < 512 ? 1 : 97)
            Failure(elf[..length]).Should().StartWith("Kernel image ");
    }

    [Fact]
    public void A_bzimage_cut_anywhere_is_refused_and_never_crashes()
    {
        byte[] image = Compressor.BzImage("gzip", TinyKernel.FromCode(new byte[64]));
        for (int length = 1; length < image.Length; length += 13)
            Failure(image[..length]).Should().StartWith("Kernel image ");
        Failure(image[..^1]).Should().Contain("is truncated: a bzImage whose payload ends at byte");
    }

    [Fact]
    public void Random_damage_to_headers_never_crashes()
    {
        byte[] elf = TinyKernel.FromCode(new byte[64], new TinyKernelOptions { Is64Bit = true, Note = NotePlace.Section });
        byte[] image = BzImage.Wrap(elf);
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = (byte[])(round % 2 == 0 ? elf : image).Clone();
            for (int count = random.Next(1, 8); count > 0; count--)
                damaged[random.Next(round % 2 == 0 ? 0x200 : 0x800)] = (byte)random.Next(256);
            try
            {
                KernelImage.Load(_files.Write("kernel", damaged)).Dispose();
            }
            catch (DomainBuildException)
            {
                refused++;
            }
        }

        refused.Should().BeGreaterThan(100);
    }

    [Fact]
    public void An_old_boot_protocol_is_refused_with_its_number() =>
        Failure(BzImage.Wrap(TinyKernel.FromCode([0xf4]), protocol: 0x204)).Should().Contain("boot protocol 2.04");

    [Fact]
    public void A_payload_that_is_no_kernel_says_what_it_is() =>
        Failure(BzImage.Wrap("#!/bin/true"u8)).Should().Contain("(bzImage 6.1.0-test) has something else than a kernel inside").And.Contain("#!/bin/true");

    [Fact]
    public void Endless_wrapping_ends()
    {
        byte[] image = TinyKernel.FromCode([0xf4]);
        for (int layer = 0; layer < 5; layer++)
            image = Compressor.Compress("gzip", image);

        Failure(image).Should().Contain("is wrapped too often");
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void A_decompression_bomb_stops_at_the_limit(string method)
    {
        byte[] image = Compressor.BzImage(method, new byte[40 << 20]);
        string path = _files.Write("bomb", image);

        Action load = () => KernelImage.Load(path, maximumBytes: 16 << 20);

        load.Should().Throw<DomainBuildException>().WithMessage($"Kernel image {path} decompresses ({method}) to more than the 16 MiB*");
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void Compressed_data_that_ends_early_is_refused(string method)
    {
        byte[] compressed = Compressor.Compress(method, TinyKernel.FromCode(new Random(3).GetItems<byte>([1, 2, 3, 4, 5], 100_000)));

        Failure(compressed[..^(compressed.Length / 2)]).Should().Contain($"is damaged: its {method} data");
    }

    [SkippableTheory]
    [MemberData(nameof(Methods))]
    public void Damaged_compressed_data_is_refused_and_never_crashes(string method)
    {
        byte[] compressed = Compressor.Compress(method, TinyKernel.FromCode(new Random(3).GetItems<byte>([1, 2, 3, 4, 5], 20_000)));
        var random = new Random(7);
        for (int round = 0; round < 50; round++)
        {
            byte[] damaged = (byte[])compressed.Clone();
            for (int count = 0; count < 8; count++)
                damaged[random.Next(16, damaged.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                // lz4's legacy frame has no checksum: some damage goes through to the code.
                KernelImage.Load(_files.Write("kernel", damaged), maximumBytes: 16 << 20).Dispose();
                method.Should().BeOneOf("lz4", "lzma");
            }
            catch (DomainBuildException failure)
            {
                failure.Message.Should().StartWith("Kernel image ");
            }
        }
    }

    private static byte[] At(int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] content = new byte[0x400];
        bytes.CopyTo(content.AsSpan(offset));
        return content;
    }

    private static byte[] Patched(Action<byte[]> patch)
    {
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = true });
        patch(elf);
        return elf;
    }

    private string Failure(byte[] content)
    {
        string path = _files.Write("kernel", content);
        string message = FluentActions.Invoking(() => KernelImage.Load(path)).Should().Throw<DomainBuildException>().Which.Message;
        message.Should().Contain(path, "a message names the file");
        return message;
    }
}
