using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Hospes.Host.Api.XmlRpc;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Api;

/// <summary>The legacy interface, called by Python's own client over the socket, as scripts of the time did.</summary>
public sealed class XmlRpcTests : IAsyncLifetime
{
    // A ServerProxy over a Unix socket, with None allowed; prints what the expression after it gives, as JSON.
    private const string Client = """
        import http.client, json, socket, sys, xmlrpc.client
        class Connection(http.client.HTTPConnection):
            def connect(self):
                self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.sock.connect(sys.argv[1])
        class Transport(xmlrpc.client.Transport):
            def make_connection(self, host):
                return Connection('localhost')
        server = xmlrpc.client.ServerProxy('http://localhost', transport=Transport(), allow_none=True)
        try:
            print(json.dumps(eval(sys.argv[2])))
        except xmlrpc.client.Fault as fault:
            print(json.dumps({'code': fault.faultCode, 'text': fault.faultString}))
        """;

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [SkippableFact]
    public async Task A_domain_lives_its_life()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        string form = $"['vm', ['name', 'web'], ['memory', 16], ['engine', 'scripted'], ['image', ['linux', ['kernel', '{kernel}']]]]";
        JsonArray created = (await CallAsync($"server.xend.domain.create({form})")).AsArray();
        ((string)created[0]!).Should().Be("domain");
        created.Should().Contain(pair => pair is JsonArray && (string)pair[0]! == "memory" && (int)pair[1]! == 16);
        (await CallAsync("server.xend.domains(0)")).ToJsonString().Should().Be("""["Domain-0","web"]""");
        (await CallAsync("server.xend.domain.unpause('web')")).Should().BeNull();
        (await CallAsync("server.xend.domain.pause('web')")).Should().BeNull();
        (await _appliance.StateAsync("web")).Should().Be("--p---");
        (await CallAsync("server.xend.domain.setName('web', 'mail')")).Should().BeNull();
        (await CallAsync("server.xend.domain.getVCPUInfo('mail')")).ToJsonString().Should().Contain("""["vcpu_count",1]""").And.Contain("""["vcpu",["number",0],["online",1]""");
        (await CallAsync("server.xend.domain('mail')")).ToJsonString().Should().Contain("""["name","mail"]""").And.Contain("""["state","--p---"]""");
        (await CallAsync("server.xend.domain.getDeviceSxprs('mail', 'vbd')")).ToJsonString().Should().Be("[]");
        (await CallAsync("server.xend.domain.destroy('mail')")).Should().BeNull();
        (await CallAsync("server.xend.domains(0)")).ToJsonString().Should().Be("""["Domain-0"]""");
    }

    [SkippableFact]
    public async Task Managed_domains_and_the_node()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        string form = $"['vm', ['name', 'kept'], ['memory', 16], ['engine', 'scripted'], ['image', ['linux', ['kernel', '{kernel}']]]]";
        await CallAsync($"server.xend.domain.new({form})");
        (await CallAsync("server.xend.domains_with_state(False, 'halted', False)")).ToJsonString().Should().Be("""["kept"]""");
        (await CallAsync("server.xend.domain.pause('kept')"))["text"]!.ToString().Should().Be("Domain 'kept' is not started");
        await CallAsync("server.xend.domain.start('kept', True)");
        (await _appliance.StateAsync("kept")).Should().Be("--p---");
        await CallAsync("server.xend.domain.destroy('kept')");
        (await CallAsync("server.xend.domain.delete('kept')")).Should().BeNull();
        JsonArray node = (await CallAsync("server.xend.node.info()")).AsArray();
        node[0]!.ToJsonString().Should().Be("""["system","Linux"]""");
        node[1]![0]!.ToString().Should().Be("host");
        await CallAsync("server.xend.node.send_debug_keys('hq')");
        (await CallAsync("server.xend.node.dmesg.info()")).ToString().Should().Contain("pressed -> dumping domain info:\\n", "texts come as Python writes them");
        (await CallAsync("server.xend.node.dmesg.clear()")).Should().BeNull();
        (await CallAsync("server.system.listMethods()")).AsArray().Select(static name => name!.ToString()).Should().Contain(["xend.domain", "xend.domain.create", "xend.node.info"]).And.HaveCountGreaterThan(40);
    }

    [SkippableTheory]
    [InlineData("server.xend.domain('nobody')", 3, "nobody")]
    [InlineData("server.xend.domain.pause(0)", 2, "Cannot pause privileged domain 0")]
    [InlineData("server.xend.domain.save('x', 'y', False)", 2, "'save' is not available in this version of xend")]
    [InlineData("server.xend.nonsense()", 1, "method \"xend.nonsense\" is not supported")]
    [InlineData("server.xend.domain.setVCpuCount('x', 'many')", 2, "xend.domain.setVCpuCount: argument 2 has to be a whole number, not 'many'")]
    [InlineData("server.xend.domain.create('text')", 2, "xend.domain.create: argument 1 has to be a list")]
    [InlineData("server.xend.domain.rename()", 1, "method \"xend.domain.rename\" is not supported")]
    public async Task What_is_wrong_is_a_fault(string call, int code, string text)
    {
        JsonNode fault = await CallAsync(call);
        ((int)fault["code"]!).Should().Be(code);
        ((string)fault["text"]!).Should().Be(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no xml")]
    [InlineData("<methodCall>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e 'x'>]><methodCall><methodName>&e;</methodName></methodCall>")]
    [InlineData("<methodCall><methodName>a</methodName><params><param><value><int>x</int></value></param></params></methodCall>")]
    [InlineData("<methodCall><methodName>a</methodName><params><param><int>1</int></param></params></methodCall>")]
    [InlineData("<methodCall><methodName>a</methodName><params><param><value><array></array></value></param></params></methodCall>")]
    public void What_is_no_call_is_refused(string text) =>
        FluentActions.Invoking(() => XmlRpcReader.Read(text)).Should().Throw<XendException>().WithMessage("This is no XML-RPC call: *");

    [Fact]
    public async Task The_socket_also_serves_what_the_xm_of_today_asks_and_nothing_else()
    {
        using HttpClient client = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_appliance.Paths.XmlRpcSocket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        (await client.GetStringAsync("http://xend/v1/domains")).Should().Contain("Domain-0");
        foreach (string other in (string[])["xend/domain", "xensec_ezpolicy", "v10", ""])
            (await client.GetAsync($"http://xend/{other}")).StatusCode.Should().Be(HttpStatusCode.NotFound, other);
    }

    [Fact]
    public void Depth_is_limited()
    {
        string deep = string.Concat(Enumerable.Repeat("<value><array><data>", 100)) + string.Concat(Enumerable.Repeat("</data></array></value>", 100));
        FluentActions.Invoking(() => XmlRpcReader.Read($"<methodCall><methodName>a</methodName><params><param>{deep}</param></params></methodCall>"))
            .Should().Throw<XendException>().WithMessage("*deeper than 64 levels*");
    }

    [Fact]
    public void Texts_are_escaped_as_in_Python() => XmlRpcWriter.PythonEscape("a'b\\c\nd\te\u0001ü").Should().Be("a\\'b\\\\c\\nd\\te\\x01\\xc3\\xbc");

    private async Task<JsonNode> CallAsync(string expression)
    {
        Skip.IfNot(Installed.Has("python3"), "python3, whose client is the judge here, is not installed");
        ProcessStartInfo start = new("python3") { RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { "-c", Client, _appliance.Paths.XmlRpcSocket, expression } };
        using Process python = Process.Start(start)!;
        Task<string> error = python.StandardError.ReadToEndAsync();
        string output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        python.ExitCode.Should().Be(0, await error);
        return JsonNode.Parse(output)!;
    }
}
