using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.Host.Tests.Support;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Api;

/// <summary>The HTTP and SXP interface, on the sockets and the port that the configuration names, and on no others.</summary>
public sealed class SxpInterfaceTests : IAsyncLifetime
{
    private Appliance _appliance = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        _port = FreePort.Find();
        _appliance = await Appliance.StartAsync($"(xend-http-server yes)\n(xend-port {_port})\n(xend-unix-server yes)\n");
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task The_tree()
    {
        (await GetAsync("/xend/")).Text.Should().Be("(ls node domain)\n");
        (await GetAsync("/xend")).Text.Should().Be("(ls node domain)\n");
        SxpParser.ParseForm((await GetAsync("/xend/node/")).Text).ValueText("system").Should().Be("Linux");
        (await GetAsync("/xend/domain/")).Text.Should().Be("(Domain-0)\n");
        SxpParser.ParseForm((await GetAsync("/xend/domain/?detail=1")).Text).ValueText("name").Should().Be("Domain-0");
        SxpParser.ParseForm((await GetAsync("/xend/domain/0?op=vcpuinfo")).Text).Children("vcpu").Should().HaveCount(Environment.ProcessorCount);
        (HttpStatusCode status, string text) = await GetAsync("/xend/domain/nobody");
        status.Should().Be(HttpStatusCode.NotFound);
        text.Should().Be("(xend.err 'Domain \\'nobody\\' does not exist.')\n".Replace("'Domain \\'nobody\\' does not exist.'", "\"Domain 'nobody' does not exist.\""));
        (await GetAsync("/xend/nothing")).Status.Should().Be(HttpStatusCode.NotFound);
        (await GetAsync("/xend/node/log")).Text.Should().Contain("xend started");
    }

    [Fact]
    public async Task A_domain_lives_its_life()
    {
        string form = Appliance.Form("web", _appliance.Kernel("k", "W"u8));
        (HttpStatusCode status, string text) = await PostAsync("/xend/domain/", ("op", "create"), ("config", form));
        status.Should().Be(HttpStatusCode.Created);
        SxpParser.ParseForm(text).ValueText("name").Should().Be("web");
        (await PostAsync("/xend/domain/web", ("op", "unpause"))).Status.Should().Be(HttpStatusCode.OK);
        (await PostAsync("/xend/domain/web", ("op", "pause"))).Status.Should().Be(HttpStatusCode.OK);
        (await _appliance.StateAsync("web")).Should().Be("--p---");
        (await PostAsync("/xend/domain/web", ("op", "rename"), ("name", "mail"))).Status.Should().Be(HttpStatusCode.OK);
        (await PostAsync("/xend/domain/mail", ("op", "destroy"))).Status.Should().Be(HttpStatusCode.OK);
        (await GetAsync("/xend/domain/")).Text.Should().Be("(Domain-0)\n");
    }

    [Fact]
    public async Task Operations_that_are_not_there()
    {
        (await PostAsync("/xend/domain/0")).Status.Should().Be(HttpStatusCode.NotAcceptable);
        (await PostAsync("/xend/domain/0", ("op", "pause"), ("op", "pause"))).Status.Should().Be(HttpStatusCode.NotAcceptable);
        (HttpStatusCode status, string text) = await PostAsync("/xend/domain/0", ("op", "juggle"));
        status.Should().Be(HttpStatusCode.NotImplemented);
        text.Should().Be("(xend.err 'Operation not implemented: juggle')\n");
        (status, text) = await PostAsync("/xend/domain/0", ("op", "pause"));
        status.Should().Be(HttpStatusCode.InternalServerError);
        text.Should().Be("(xend.err 'Cannot pause privileged domain 0')\n");
        (await PostAsync("/xend/node", ("op", "reboot"))).Text.Should().Contain("not available in this version");
    }

    [Fact]
    public async Task A_browser_gets_a_page_and_a_page_of_anothers_gets_nothing()
    {
        using HttpRequestMessage browser = new(HttpMethod.Get, "/xend/");
        browser.Headers.Add("User-Agent", "Mozilla/5.0");
        browser.Headers.Add("Accept", "text/html");
        (await SendAsync(browser)).Text.Should().StartWith("<html>").And.Contain("(ls node domain)");
        using HttpRequestMessage foreign = new(HttpMethod.Post, "/xend/domain/0") { Content = new FormUrlEncodedContent([KeyValuePair.Create("op", "pause")]) };
        foreign.Headers.Add("Origin", "http://elsewhere.example");
        (await SendAsync(foreign)).Status.Should().Be(HttpStatusCode.Forbidden);
        using HttpRequestMessage rebound = new(HttpMethod.Get, "/v1/domains") { Headers = { Host = "elsewhere.example" } };
        (await SendAsync(rebound)).Status.Should().Be(HttpStatusCode.Forbidden);
        (await GetAsync("/RPC2")).Status.Should().Be(HttpStatusCode.NotFound, "this port is not the one for XML-RPC");
    }

    [Fact]
    public async Task The_port_is_on_the_configured_address_alone_and_the_socket_its_owners()
    {
        File.GetUnixFileMode(_appliance.Paths.Below("/var/lib/xend/xend-socket")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (await FluentActions.Awaiting(() => other.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.2"), _port))).Should().ThrowAsync<SocketException>())
            .Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        return await SendAsync(request);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, params (string Key, string Value)[] fields)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Key, field.Value))),
        };
        return await SendAsync(request);
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpRequestMessage request)
    {
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        using HttpResponseMessage answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
