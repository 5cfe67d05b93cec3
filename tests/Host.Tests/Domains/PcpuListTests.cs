using Hospes.Host.Domains;

namespace Hospes.Host.Tests.Domains;

public sealed class PcpuListTests
{
    [Theory]
    [InlineData("0", 0b1)]
    [InlineData("0-3,5,^1", 0b101101)]
    [InlineData("0-3,^1,1", 0b1111)]
    [InlineData(" 1 , 2 ", 0b110)]
    [InlineData("all", ulong.MaxValue)]
    [InlineData("all,^0", ulong.MaxValue - 1)]
    [InlineData("7", 0b10000000)]
    public void Lists_are_read_from_left_to_right(string text, ulong mask) => PcpuList.Parse(text, 8).Mask.Should().Be(mask);

    [Theory]
    [InlineData("8", "*names CPU 8*0 to 7*")]
    [InlineData("0-64", "*names CPU 64*")]
    [InlineData("99999999999", "*neither a number nor a range*")]
    [InlineData("3-1", "*neither*")]
    [InlineData("-1", "*neither*")]
    [InlineData("1-2-3", "*neither*")]
    [InlineData("", "*neither*")]
    [InlineData("1,,2", "*neither*")]
    [InlineData("two", "*neither*")]
    [InlineData("^0", "*leaves no CPU*")]
    [InlineData("1,^all", "*leaves no CPU*")]
    public void What_is_no_list_is_refused(string text, string message) =>
        FluentActions.Invoking(() => PcpuList.Parse(text, 8)).Should().Throw<FormatException>().WithMessage(message);
}
