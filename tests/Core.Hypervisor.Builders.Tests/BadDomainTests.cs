using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Configurations that cannot be built: the message says why, and guest memory stays as it was.</summary>
public sealed class BadDomainTests : IDisposable
{
    private const uint Mebibyte = 1 << 20;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void No_memory_is_said() => Failure(0, Configuration()).Should().Be("Domain bad has no memory: memory is 16 MiB");

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    [InlineData(-1)]
    public void An_impossible_number_of_vcpus_is_said(int vcpus) => Failure(16, Configuration() with { Vcpus = vcpus }).Should().Contain($"{vcpus} vcpus: 1 to 128");

    [Fact]
    public void A_missing_kernel_is_said_in_xens_words() =>
        Failure(16, Configuration() with { Kernel = "/nowhere/vmlinuz" }).Should().Be("Kernel image does not exist: /nowhere/vmlinuz");

    [Fact]
    public void A_missing_ramdisk_is_said_in_xens_words() =>
        Failure(16, Configuration() with { Ramdisk = "/nowhere/initrd" }).Should().Be("Kernel ramdisk does not exist: /nowhere/initrd");

    [Fact]
    public void A_ramdisk_that_is_a_directory_is_said() =>
        Failure(16, Configuration() with { Ramdisk = _files.Path }).Should().Be($"Kernel ramdisk {_files.Path} is a directory, not a file");

    [Fact]
    public void An_empty_ramdisk_is_said()
    {
        string path = _files.Write("initrd", []);

        Failure(16, Configuration() with { Ramdisk = path }).Should().Be($"Kernel ramdisk {path} is empty");
    }

    [Fact]
    public void A_ramdisk_larger_than_memory_is_said_with_both_sizes()
    {
        string path = _files.Write("initrd", new byte[(17 << 20) + 1]);

        Failure(16, Configuration() with { Ramdisk = path }).Should().Be($"Kernel ramdisk {path} of 18 MiB does not fit into 16 MiB of memory");
    }

    [Fact]
    public void Kernel_and_ramdisk_that_do_not_fit_together_are_said_with_all_sizes()
    {
        DomainConfiguration configuration = Configuration(TinyKernel.FromCode([0xf4], new TinyKernelOptions { ZeroedBytes = 8 * Mebibyte }));
        string path = _files.Write("initrd", new byte[10 << 20]);

        Failure(16, configuration with { Ramdisk = path }).Should().Be(
            $"16 MiB of memory is too small: kernel {configuration.Kernel} ends at 10 MiB and ramdisk {path} has 10 MiB, and start information has to fit as well");
    }

    [Fact]
    public void A_kernel_that_takes_all_memory_is_said()
    {
        DomainConfiguration configuration = Configuration(TinyKernel.FromCode([0xf4], new TinyKernelOptions { ZeroedBytes = (15 * Mebibyte) - 1 }));

        Failure(16, configuration).Should().Be($"16 MiB of memory is too small: kernel {configuration.Kernel} ends at 16 MiB, and start information has to fit as well");
    }

    [Fact]
    public void A_kernel_beyond_the_end_of_memory_is_said_with_what_it_needs()
    {
        DomainConfiguration configuration = Configuration(TinyKernel.FromCode([0xf4], new TinyKernelOptions { LoadAddress = 64 * Mebibyte }));

        Failure(16, configuration).Should().Be(
            $"16 MiB of memory is too small: kernel {configuration.Kernel} needs at least 65 MiB (it loads 0x4000000 to 0x4000001)");
    }

    [Theory]
    [InlineData(0xfee0_0000UL)]
    [InlineData(0xffff_ffff_0000_0000UL)]
    [InlineData(0x1_0000_0000UL)]
    public void A_segment_where_no_memory_can_be_is_said(ulong address)
    {
        byte[] elf = TinyKernel.FromCode([0xf4], new TinyKernelOptions { Is64Bit = true, MoreSegments = [new TinySegment(address, [1])] });

        Failure(16, Configuration(elf)).Should().Contain($"its segment at 0x{address:x} to 0x{address + 1:x} is outside of the guest's memory");
    }

    [Fact]
    public void A_command_line_that_is_too_long_is_said() =>
        Failure(16, Configuration() with { CommandLine = new string('x', 2048) }).Should().Contain("2048 characters long, and 2047 are possible");

    [Fact]
    public void A_command_line_with_a_terminator_in_it_is_said() =>
        Failure(16, Configuration() with { CommandLine = "quiet\0init=/bin/sh" }).Should().Contain("(code 0) at position 5");

    private string Failure(int mebibytes, DomainConfiguration configuration)
    {
        using var memory = new GuestMemory((ulong)mebibytes * Mebibyte, (ulong)mebibytes * Mebibyte);
        Action build = () => PvhBuilder.Build(configuration, memory);
        string message = build.Should().Throw<DomainBuildException>().Which.Message;
        NothingWasMapped(memory, 0xf_eff8, 8);
        NothingWasMapped(memory, 0xf_c000, 16);
        for (ulong address = 0; address < (ulong)mebibytes * Mebibyte; address += Mebibyte)
            memory.Bytes(address, (int)Mebibyte).AsSpan().ContainsAnyExcept((byte)0).Should().BeFalse("no RAM was written to");
        return message;
    }

    private static unsafe void NothingWasMapped(GuestMemory memory, ulong first, ulong count)
    {
        for (ulong frame = first; frame < first + count; frame++)
            (memory.FindFrame(new GuestFrame(frame)) == null).Should().BeTrue($"frame 0x{frame:x} was not mapped");
    }

    private DomainConfiguration Configuration(byte[]? kernel = null) => new()
    {
        DomainId = 1,
        Name = "bad",
        Uuid = Guid.Empty,
        Kernel = _files.Write("kernel", kernel ?? TinyKernel.FromCode([0xf4])),
        MemoryMiB = 16,
        MaximumMemoryMiB = 16,
    };
}
