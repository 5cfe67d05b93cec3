using Hospes.Xm.Cli;

namespace Hospes.Xm.Tests;

public sealed class CommandLineTests
{
    private static readonly OptionSpec[] Specs =
    [
        new('q', "quiet", ""), new('n', "dryrun", ""), new('f', "defconfig", "", "FILE"), new('\0', "path", "", "PATH"), new('\0', "paused", ""),
    ];

    [Fact]
    public void Switches_may_stand_anywhere_and_be_bundled()
    {
        CommandLine line = CommandLine.Parse(Specs, ["a", "-qn", "b", "-fx.cfg", "--path", "/etc", "c=d"]);
        line.Arguments.Should().Equal("a", "b", "c=d");
        line.Has("quiet").Should().BeTrue();
        line.Has("dryrun").Should().BeTrue();
        line.ValueOf("defconfig").Should().Be("x.cfg");
        line.ValueOf("path").Should().Be("/etc");
    }

    [Fact]
    public void Two_dashes_end_the_switches() => CommandLine.Parse(Specs, ["-q", "--", "-n", "--"]).Arguments.Should().Equal("-n", "--");

    [Fact]
    public void A_dash_alone_is_an_argument() => CommandLine.Parse(Specs, ["-"]).Arguments.Should().Equal("-");

    [Fact]
    public void Long_names_may_be_cut_short()
    {
        CommandLine.Parse(Specs, ["--def=x"]).ValueOf("defconfig").Should().Be("x");
        CommandLine.Parse(Specs, ["--path="]).ValueOf("path").Should().BeEmpty();
    }

    [Theory]
    [InlineData("--pa", "option --pa not a unique prefix")]
    [InlineData("--x=1", "option --x not recognized")]
    [InlineData("-qx", "option -x not recognized")]
    [InlineData("-qf", "option -f requires argument")]
    [InlineData("--path", "option --path requires argument")]
    [InlineData("--quiet=", "option --quiet must not have an argument")]
    public void Names_what_is_wrong(string word, string message) =>
        Assert.Throws<UsageException>(() => CommandLine.Parse(Specs, [word])).Message.Should().Be(message);

    [Fact]
    public void Help_may_be_asked_for_anywhere_before_two_dashes()
    {
        CommandLine.AsksForHelp(["a", "-h"]).Should().BeTrue();
        CommandLine.AsksForHelp(["--", "-h"]).Should().BeFalse();
    }
}
