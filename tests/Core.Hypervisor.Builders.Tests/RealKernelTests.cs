using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Debian's own kernels, as they are (fact sheet "Real guests and clients").</summary>
public sealed class RealKernelTests
{
    [SkippableTheory]
    [InlineData(true, "lz4")]
    [InlineData(false, "xz")]
    public void A_debian_kernel_is_recognised(bool isCloud, string compression)
    {
        string path = RealKernels.Find(isCloud);

        using KernelImage kernel = KernelImage.Load(path);

        kernel.Description.Should().Be($"bzImage {Path.GetFileName(path)["vmlinuz-".Length..]}, {compression}, ELF64");
        kernel.Is64Bit.Should().BeTrue();
        kernel.Entry.Should().Be(new GuestPhysical(0x100_0850));
        kernel.Segments[0].Address.Should().Be(new GuestPhysical(0x100_0000));
    }

    [SkippableTheory]
    [InlineData(true, 256)]
    [InlineData(true, 1024)]
    [InlineData(true, 100)] // half of this is too little to decompress into
    [InlineData(true, 128)] // and the upper half of this is partly the kernel's own place
    [InlineData(false, 256)]
    public void A_debian_kernel_is_built_byte_by_byte(bool isCloud, int mebibytes)
    {
        string path = RealKernels.Find(isCloud);
        using var memory = new GuestMemory((ulong)mebibytes << 20, (ulong)mebibytes << 20);

        PvhBootState state = PvhBuilder.Build(Configuration(path, mebibytes), memory);

        state.CpuState.Rip.Should().Be(0x100_0850);
        using KernelImage kernel = KernelImage.Load(path);
        foreach (KernelSegment segment in kernel.Segments)
        {
            byte[] expected = new byte[segment.FileSize];
            kernel.Contents.Read(segment.FileOffset, expected);
            memory.Bytes(segment.Address.Address, expected.Length).AsSpan().SequenceEqual(expected).Should().BeTrue($"the segment at {segment.Address} is loaded");
        }

        // Nothing is left of the work.
        ulong free = Math.Max(kernel.End.Address, (ulong)mebibytes << 19);
        memory.Bytes(free, (int)(state.StartInfo.Address - free)).AsSpan().ContainsAnyExcept((byte)0).Should().BeFalse("the guest's free memory is zero");

        // Linux's banner stands in its read-only data.
        memory.Bytes(kernel.Segments[0].Address.Address, (int)kernel.Segments[0].FileSize).AsSpan().IndexOf("Linux version "u8).Should().BePositive();
    }

    [SkippableFact]
    public void Memory_that_is_too_small_for_a_debian_kernel_is_said_with_both_sizes()
    {
        string path = RealKernels.Find(isCloud: true);
        using var memory = new GuestMemory(4 << 20, 4 << 20);

        Action build = () => PvhBuilder.Build(Configuration(path, 4), memory);

        build.Should().Throw<DomainBuildException>().WithMessage($"4 MiB of memory is too small: kernel {path} needs at least * MiB*");
    }

    private static DomainConfiguration Configuration(string kernel, int mebibytes) => new()
    {
        DomainId = 1, Name = "test", Uuid = Guid.Empty, Kernel = kernel, MemoryMiB = mebibytes, MaximumMemoryMiB = mebibytes,
    };
}
