using Hospes.Host.Api.Listeners;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Startup.Configuration;

public sealed class XendConfigurationTests
{
    private const string Path = "/etc/xen/xend-config.sxp";

    [Fact]
    public void A_file_that_is_not_there_says_nothing()
    {
        XendConfiguration configuration = XendConfiguration.Read("/nowhere/xend-config.sxp");
        configuration.Warnings.Should().BeEmpty();
        configuration.Flag(XendParameters.HttpServer).Should().BeFalse("nothing listens on TCP unless somebody says so");
        configuration.Flag(XendParameters.TcpXmlRpcServer).Should().BeFalse();
        configuration.Flag(XendParameters.UnixXmlRpcServer).Should().BeTrue();
        configuration.Text(XendParameters.HttpAddress).Should().Be("localhost");
        configuration.Number(XendParameters.HttpPort).Should().Be(8000);
    }

    [Fact]
    public void Every_default_is_a_value_that_the_file_could_have()
    {
        foreach (XendParameter parameter in XendParameters.All.Where(static parameter => parameter.Default is not null || parameter.Example is not null))
        {
            XendConfiguration configuration = XendConfiguration.Parse(XendConfigurationExample.Form(parameter).ToString(), Path);
            configuration.Warnings.Should().BeEmpty();
            configuration.IsSet(parameter).Should().BeTrue();
        }

        XendParameters.All.Select(static parameter => parameter.Name).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_example_shows_every_parameter_and_changes_nothing()
    {
        string example = XendConfigurationExample.Text();
        XendConfiguration.Parse(example, Path).Values.Should().BeEmpty();
        string all = string.Join('\n', example.Split('\n').Select(static line => line.StartsWith("#(", StringComparison.Ordinal) ? line[1..] : line));
        XendConfiguration shown = XendConfiguration.Parse(all, Path);
        shown.Warnings.Should().BeEmpty();
        shown.Values.Keys.Should().BeEquivalentTo(XendParameters.All.Select(static parameter => parameter.Name));
    }

    [Theory]
    [InlineData("(xend-http-server maybe)", "invalid xend config xend-http-server: expected bool: maybe (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("# head\n\n(xend-port many)", "invalid xend config xend-port: expected int: many is no TCP port (/etc/xen/xend-config.sxp, line 3)")]
    [InlineData("(vncpasswd 'a\nb')\n(xend-relocation-port 70000)", "invalid xend config xend-relocation-port: expected int: 70000 is no TCP port (/etc/xen/xend-config.sxp, line 3)")]
    [InlineData("(xend-address 1.2.3)(xend-address here)", "invalid xend config xend-address: expected an address: here (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("(dom0-min-mem -1)", "invalid xend config dom0-min-mem: expected int: -1 (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("(xend-api-mode 0888)", "invalid xend config xend-api-mode: expected the mode of a file, such as 0660: 0888 (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("(logfile)", "invalid xend config logfile: one value is needed, as in (logfile VALUE), and there are 0 (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("(logfile (a b))", "invalid xend config logfile: expected a word or a text: (a b) (/etc/xen/xend-config.sxp, line 1)")]
    [InlineData("(logfile x)\n  (xend-port 80", "/etc/xen/xend-config.sxp is not a sequence of (key value) forms: line 2, column 3: this '(' is never closed")]
    public void What_is_wrong_is_told_with_its_line(string text, string message) =>
        FluentActions.Invoking(() => XendConfiguration.Parse(text, Path)).Should().Throw<XendException>().WithMessage(message);

    [Fact]
    public void Expressions_of_hosts_are_checked() =>
        FluentActions.Invoking(() => XendConfiguration.Parse("(xend-relocation-hosts-allow '^a$ ^(b$')", Path)).Should().Throw<XendException>()
            .WithMessage("invalid xend config xend-relocation-hosts-allow: expected regular expressions: *");

    [Fact]
    public void Unknown_parameters_and_repeated_ones_are_warned_of()
    {
        XendConfiguration configuration = XendConfiguration.Parse("(xend-tcp-xmlrpc-server no)\n(xen-tcp-xmlrpc-server yes)\n(xend-port 1)\n(xend-port 2)\n", Path);
        configuration.Warnings.Should().Equal(
            "/etc/xen/xend-config.sxp, line 2: there is no parameter 'xen-tcp-xmlrpc-server'; did you mean 'xend-tcp-xmlrpc-server'?",
            "/etc/xen/xend-config.sxp, line 4: xend-port is set a second time; the first counts");
        configuration.Number(XendParameters.HttpPort).Should().Be(1);
    }

    [Fact]
    public void A_parameter_is_set_where_it_stands_and_comments_stay()
    {
        const string text = "# mine (xend-port 1)\n(logfile 'a)#b') # why\n  (xend-port 8000)# after\n";
        string changed = XendConfigurationText.Set(text, "xend-port", 9000);
        changed.Should().Be("# mine (xend-port 1)\n(logfile 'a)#b') # why\n  (xend-port 9000)# after\n");
        XendConfigurationText.Set(changed, "keymap", "en us").Should().Be(changed + "(keymap 'en us')\n");
        string example = XendConfigurationText.Set(XendConfigurationExample.Text(), "xend-http-server", "yes");
        example.Should().Contain("\n#(xend-http-server no)\n(xend-http-server yes)\n");
        XendConfiguration.Parse(example, Path).Values.Should().ContainSingle();
        XendConfigurationText.Set("(a 'q\\'(')", "b", 1).Should().Be("(a 'q\\'(')\n(b 1)\n");
    }

    [Fact]
    public void A_group_that_is_not_there_is_told()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("group"), "root:x:0:\nstaff:x:50:a,b\n");
        FluentActions.Invoking(() => new SocketAccess(XendConfiguration.Parse("(xend-api-group xen)", Path), directory.File("group")))
            .Should().Throw<XendException>().WithMessage($"invalid xend config xend-api-group: there is no group 'xen' in {directory.File("group")}");
        SocketAccess nobody = new(XendConfiguration.Parse("", Path), directory.File("group"));
        File.WriteAllText(directory.File("socket"), "");
        File.SetUnixFileMode(directory.File("socket"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        nobody.Admit(directory.File("socket"));
        File.GetUnixFileMode(directory.File("socket")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
