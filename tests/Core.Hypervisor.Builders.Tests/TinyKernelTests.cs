using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class TinyKernelTests
{
    [Fact]
    public void The_printing_kernel_is_out_to_the_debug_port_and_a_halt() =>
        TinyKernel.PrintAndHaltCode("A\n").Should().Equal(0xb0, 0x41, 0xe6, 0xe9, 0xb0, 0x0a, 0xe6, 0xe9, 0xfa, 0xf4, 0xeb, 0xfd);

    [Fact]
    public void An_address_that_an_elf32_file_cannot_have_is_refused() =>
        FluentActions.Invoking(() => TinyKernel.FromCode([0xf4], new TinyKernelOptions { MoreSegments = [new TinySegment(1UL << 32, [1])] }))
            .Should().Throw<OverflowException>();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_tools_read_the_files_alike(bool is64Bit)
    {
        Skip.IfNot(CommandTool.IsInstalled("readelf"), "readelf (package binutils) is not installed");
        using var files = new TemporaryDirectory();
        byte[] elf = TinyKernel.PrintAndHalt("hello\n", new TinyKernelOptions { Is64Bit = is64Bit, LoadAddress = 0x20_0000, ZeroedBytes = 0x100 });
        string path = files.Write("kernel", elf);

        string text = System.Text.Encoding.UTF8.GetString(CommandTool.Filter([], "readelf", "-W", "-h", "-l", "-n", path));

        text.Should().Contain(is64Bit ? "ELF64" : "ELF32").And.Contain("Entry point address:               0x200000");
        text.Should().MatchRegex(@"LOAD +0x001000 0x0*200000 0x0*200000 0x0*1c 0x0*11c RWE").And.Contain("Xen  ").And.Contain("00 00 20 00");
    }
}
