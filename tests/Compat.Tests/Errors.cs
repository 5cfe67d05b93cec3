using System.Net.Sockets;
using Hospes.Xm.Fakes;

namespace Hospes.Compat.Tests;

/// <summary>Error texts and exit codes (fact sheet "xm", section 1.2).</summary>
public sealed class Errors : IDisposable
{
    private const string PauseHelp = "Usage: xm pause <Domain>\n\nStop the clock of a domain: it keeps its memory and runs nothing.\n\n";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void Unknown_subcommand()
    {
        XmRun run = _xm.Run("nonsense");
        run.Should().Be(new XmRun(1, _xm.Run().Out, "Error: Subcommand nonsense not found!\n"));
        _xm.Run("u").Error.Should().Be("Error: Subcommand u not found!\n", "one letter is no abbreviation");
        _xm.Run("re").Error.Should().Be("Error: Subcommand re not found!\n", "rename and reboot both begin so");
        _xm.Run("lo").Error.Should().Be("Error: Subcommand lo not found!\n", "log and loadpolicy both begin so");
        _xm.Run("sav").Error.Should().Be("Error: Subcommand sav not found!\n");
    }

    [Theory]
    [InlineData("'xm pause' requires 1 argument.", "pause")]
    [InlineData("'xm pause' requires 1 argument.", "pause", "a", "b")]
    [InlineData("'xm rename' requires 2 arguments.", "rename", "a")]
    [InlineData("'xm trigger' requires between 2 and 3 arguments.", "trigger", "a")]
    [InlineData("'xm info' requires 0 arguments.", "info", "a")]
    public void Wrong_number_of_arguments(string text, params string[] arguments) =>
        _xm.Run(arguments).Should().Be(new XmRun(1, _xm.Run("help", arguments[0]).Out, $"Error: {text}\n\n"));

    [Theory]
    [InlineData("option -z not recognized", "list", "-z")]
    [InlineData("option --nonsense not recognized", "list", "demo", "--nonsense")]
    [InlineData("option --state requires argument", "list", "--state")]
    [InlineData("option -f requires argument", "create", "-f")]
    [InlineData("option --long must not have an argument", "list", "--long=1")]
    [InlineData("You may specify either a state or a particular VM, but not both", "list", "--state=all", "demo")]
    [InlineData("No domain given", "console")]
    [InlineData("No domain parameter given", "shutdown")]
    [InlineData("No multiple domain parameters allowed", "shutdown", "a", "b")]
    [InlineData("Can't specify halt and reboot", "shutdown", "-H", "-R", "a")]
    [InlineData("No parameter required", "dmesg", "a")]
    [InlineData("Invalid argument.", "mem-set", "a", "lots")]
    [InlineData("Invalid argument.", "vcpu-set", "a", "two")]
    [InlineData("Invalid argument.", "vcpu-set", "a", "99999999999")]
    [InlineData("Invalid argument.", "mem-set", "a", "9223372036854775807g")]
    [InlineData("Invalid argument.", "trigger", "a", "nmi", "x")]
    [InlineData("Invalid argument.", "sysrq", "a", "hh")]
    public void Wrong_usage(string text, params string[] arguments) =>
        _xm.Run(arguments).Should().Be(new XmRun(1, _xm.Run("help", arguments[0]).Out, $"Error: {text}\n"));

    [Fact]
    public void Unknown_domain()
    {
        _xm.Xend.Refuse("POST /v1/domains/nobody/pause", 3, "nobody");
        _xm.Run("pause", "nobody").Should().Be(new XmRun(1, "", "Error: Domain 'nobody' does not exist.\n"));
        _xm.Run("domid", "some/body").Should().Be(new XmRun(1, "", "Error: Domain 'some/body' does not exist.\n"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Other_faults_show_the_command_help(int code)
    {
        _xm.Xend.Refuse("POST /v1/domains/0/pause", code, "Cannot pause privileged domain 0");
        _xm.Run("pause", "0").Should().Be(new XmRun(1, PauseHelp, "Error: Cannot pause privileged domain 0\n"));
    }

    [Fact]
    public void Xend_unreachable()
    {
        XmRun asRoot = new(1, "", "Error: Unable to connect to xend: No such file or directory. Is xend running?\n");
        _xm.Run("list").Should().Be(asRoot);
        _xm.Environment = _xm.Environment with { IsRoot = false };
        _xm.Run("list").Should().Be(asRoot, "under a root of one's own, root would not help");
        _xm.Environment = _xm.Environment with { Variable = name => name == "XM_SERVER" ? "httpu://" + Path.Combine(_xm.Directory, "none.sock") : null };
        _xm.Run("list").Should().Be(new XmRun(1, "", "Error: Most commands need root access. Please try again as root.\n"));
    }

    [Theory]
    [InlineData("save", "saving a guest's state, which this version cannot do")]
    [InlineData("restore", "saving a guest's state, which this version cannot do")]
    [InlineData("migrate", "saving a guest's state, which this version cannot do")]
    [InlineData("suspend", "saving a guest's state, which this version cannot do")]
    [InlineData("resume", "saving a guest's state, which this version cannot do")]
    [InlineData("vnet-list", "virtual networks (vnets), which this version does not have")]
    [InlineData("vtpm-list", "virtual TPMs, which this version does not have")]
    [InlineData("network-new", "the Xen-API, which xend does not speak here")]
    public void Commands_of_the_manual_that_are_not_there_say_why(string command, string need)
    {
        _xm.Run(command, "web", "x").Should().Be(new XmRun(1, "", $"Error: 'xm {command}' needs {need}.\n"));
        _xm.Run("help").Out.Should().NotContain($" {command} ");
    }

    [Fact]
    public void Xend_that_left_its_socket_behind()
    {
        string path = Path.Combine(_xm.Directory, "left.sock");
        using Socket deaf = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(path)); // but nobody listens

        _xm.Variables["XM_SERVER"] = "httpu://" + path;
        _xm.Run("list").Error.Should().Be("Error: Unable to connect to xend: Connection refused. Is xend running?\n");
    }

    [Fact]
    public void Socket_path_that_is_too_long()
    {
        _xm.Variables["XM_SERVER"] = "httpu:///" + new string('x', 200);
        _xm.Run("list").Error.Should().StartWith("Error: Unable to connect to xend: the path of its socket").And.Contain("107 bytes");
        _xm.Variables["XM_SERVER"] = "gopher://host/";
        _xm.Run("list").Error.Should().StartWith("Error: XM_SERVER is 'gopher://host/'. It can be httpu:///path/of/socket, http://host:port/,");
    }

    [Theory]
    [InlineData("", "Invalid or missing HTTP status code.")]
    [InlineData("garbage\r\n\r\n", "Invalid or missing HTTP status code.")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", "Invalid or missing HTTP status code.")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "ProtocolError(500, Internal Server Error).")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]", "ProtocolError(200, the reply ends too early).")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[]", "ProtocolError(200, the reply ends too early).")]
    public void Malformed_reply(string reply, string text)
    {
        _xm.Xend.Answer("GET /v1/domains", _ => new FakeReply(0, "", reply));
        _xm.Run("list").Should().Be(new XmRun(1, "", $"Error: Xend has probably crashed!  {text}\n"));
    }

    [Theory]
    [InlineData("[{]")]
    [InlineData("{}")]
    [InlineData("[{\"domid\":1e99}]")]
    [InlineData("[1]")]
    public void Answers_of_another_shape(string json)
    {
        _xm.Xend.Answer("GET /v1/domains", json);
        XmRun run = _xm.Run("list");
        run.ExitCode.Should().Be(1);
        run.Error.Should().StartWith("Error: Xend has probably crashed!  ProtocolError(200, ");
    }

    [Fact]
    public void Deprecated_names_say_so_and_work()
    {
        _xm.Run("balloon", "demo", "64").Error.Should().StartWith("Command balloon is deprecated.  Please use xm mem-set instead.\nError: Unable");
        _xm.Xend.HasDomains();
        _xm.Xend.Answer("GET /v1/host", "{}");
        _xm.Run("list", "-v").Error.Should().Be("xm list -v is deprecated.  Please use xm vcpu-list.\n");
        _xm.Run("balloon", "demo", "64").Should().Be(new XmRun(0, "", "Command balloon is deprecated.  Please use xm mem-set instead.\n"));
    }

    [Fact]
    public void Missing_configuration_file() =>
        _xm.Run("create", "nofile").Should().Be(new XmRun(1, "", "Error: Unable to open config file: nofile\n"));
}
