using System.Net.Sockets;
using System.Text.Json.Nodes;
using Hospes.Host.Api;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Api;

/// <summary>What people and programs look at: status, memory, events, debug keys, cores.</summary>
public sealed class LookingTests : IAsyncLifetime
{
    private static readonly byte[] Crash = [(byte)'S', 3, 0, 0, 0];

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task The_status_and_the_ledger_name_every_domain()
    {
        await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8)));
        JsonNode status = await _appliance.GetAsync("v1/status");
        ((int)status["pid"]!).Should().Be(_appliance.Daemon.Id);
        ((string)status["engine"]!).Should().Be("scripted");
        ((string)status["scheduler"]!).Should().Be("round-robin");
        status["domains"]!.AsArray().Select(static domain => (string)domain!["name"]!).Should().Equal("Domain-0", "web");
        status["plugins"]!.AsArray().Should().HaveCountGreaterThan(2).And.OnlyContain(static plugin => (string)plugin!["state"]! == "loaded");
        JsonNode memory = await _appliance.GetAsync("v1/host/memory");
        JsonArray holders = memory["holders"]!.AsArray();
        ((long)holders[0]!["promisedMiB"]!).Should().Be((long)memory["totalMiB"]! - 16);
        ((string)holders[1]!["name"]!).Should().Be("web");
        ((long)holders[1]!["promisedMiB"]!).Should().Be(16);
    }

    [Fact]
    public async Task The_configuration_is_shown_without_its_passwords()
    {
        await using Appliance configured = await Appliance.StartAsync("(console-limit 64)\n(vncpasswd secret)\n(device-destroy-timeout 7)\n");
        JsonObject shown = (await configured.GetAsync("v1/host/configuration")).AsObject();
        shown.Select(static parameter => parameter.Key).Should().Equal(XendParameters.All.Select(static parameter => parameter.Name));
        ((string)shown["console-limit"]!).Should().Be("64");
        ((string)shown["dom0-cpus"]!).Should().Be("0", "the default");
        ((string)shown["vncpasswd"]!).Should().Be("XXXXXXXX");
        ((string)shown["keymap"]!).Should().BeEmpty();
    }

    [Fact]
    public async Task Events_are_told_until_the_client_goes()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_appliance.Paths.ApiSocket));
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync("GET /v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n"u8.ToArray());
        using StreamReader reader = new(stream);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // the head; what happens from now on is told
        }

        string uuid = (string)(await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8))))["uuid"]!;
        JsonNode created = JsonNode.Parse((await reader.ReadLineAsync())!)!;
        ((string)created["kind"]!).Should().Be("created");
        ((string)created["uuid"]!).Should().Be(uuid);
        await _appliance.PostAsync("v1/domains/web/destroy");
        List<string> kinds = [];
        while (!kinds.Contains("destroyed"))
            kinds.Add((string)JsonNode.Parse((await reader.ReadLineAsync())!)!["kind"]!);
        kinds.SkipLast(1).Where(static kind => kind != "state").Should().BeEmpty("it may be seen as it dies");
    }

    [Fact]
    public async Task Debug_keys_print_to_the_messages()
    {
        await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8)));
        await _appliance.PostAsync("v1/host/debug-keys", new { keys = "qrm?" });
        (await _appliance.TextAsync("v1/host/dmesg")).Should().Contain("'q' pressed -> dumping domain info").And.Contain("(web): Live, 1 vcpus, 16 MiB")
            .And.Contain("'r' pressed -> scheduler round-robin").And.Contain("'m' pressed -> MemoryStanding").And.Contain("there is no handler for it");
    }

    [Fact]
    public async Task A_core_is_its_owners_and_what_cannot_be_written_says_so()
    {
        await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", "W"u8)));
        string file = _appliance.Temporary("web.core");
        await File.WriteAllTextAsync(file, "something older");
        JsonNode answer = await _appliance.PostAsync("v1/domains/web/dump", new { file });
        ((string)answer["path"]!).Should().Be(file);
        File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        byte[] core = await File.ReadAllBytesAsync(file);
        core.AsSpan(0, 4).SequenceEqual("\u007fELF"u8).Should().BeTrue();
        core.Length.Should().BeGreaterThan(16 << 20);
        BitConverter.ToInt32(core, 64 + 56).Should().Be(1, "the second program header is a segment");
        BitConverter.ToInt64(core, 64 + 56 + 48).Should().Be(0, "crash tells the kind of a core by its segments' alignment");
        await RefusedAsync(new { file = Path.GetTempPath() }, $"Cannot dump core in a directory: {Path.GetTempPath()}");
        (await FluentActions.Awaiting(() => _appliance.PostAsync("v1/domains/web/dump", new { file = "/proc/nowhere/core" })).Should().ThrowAsync<FaultException>())
            .Where(static fault => fault.Message.StartsWith("Failed to dump core: "));
        (await _appliance.StateAsync("web")).Should().Be("--p---", "it is as it was");

        string named = (string)(await _appliance.PostAsync("v1/domains/web/dump", new { crash = 1 }))["path"]!;
        named.Should().MatchRegex($@"^{_appliance.Paths.Dumps}/\d{{4}}-\d{{4}}-\d{{4}}\.\d\d-web\.\d+\.core$");
        (await _appliance.StateAsync("web")).Should().BeNull();

        async Task RefusedAsync(object body, string message) =>
            (await FluentActions.Awaiting(() => _appliance.PostAsync("v1/domains/web/dump", body)).Should().ThrowAsync<FaultException>()).Which.Message.Should().Be(message);
    }

    [Fact]
    public async Task A_guest_that_crashes_leaves_a_core_where_its_configuration_says_so()
    {
        await _appliance.CreateAsync(Appliance.Form("web", _appliance.Kernel("web", Crash), "(on_crash coredump-destroy)"));
        await _appliance.PostAsync("v1/domains/web/unpause");
        await _appliance.WaitForStateAsync("web", null);
        Directory.GetFiles(_appliance.Paths.Dumps).Should().ContainSingle().Which.Should().MatchRegex(@"-web\.\d+\.core$");
    }

    [Fact]
    public void What_happened_between_two_looks()
    {
        EventHandlers handlers = new(null!, null!, TimeProvider.System, null!);
        DomainInfo running = new()
        {
            Domid = 1, Name = "a", Uuid = "u", MemoryMiB = 1, MaximumMemoryMiB = 1, Vcpus = 1, OnlineVcpus = 1, State = "-b----", CpuTime = 0, StartTime = 0, Kind = "pvh",
        };
        DomainInfo halted = running with { Domid = null, State = "", Managed = true };
        Kinds(null, running).Should().Equal("created");
        Kinds(running, null).Should().Equal("destroyed");
        Kinds(running, running with { Domid = 2 }).Should().Equal("destroyed", "created");
        Kinds(running, running with { State = "r-----" }).Should().BeEmpty("that comes and goes with its work");
        Kinds(running, running with { State = "--p---" }).Should().Equal("state");
        Kinds(running, running with { Name = "b" }).Should().Equal("renamed");
        Kinds(null, halted).Should().Equal("new");
        Kinds(halted, running with { Managed = true }).Should().Equal("created");
        Kinds(halted, null).Should().Equal("deleted");

        IEnumerable<string> Kinds(DomainInfo? before, DomainInfo? now) => handlers.Differences(Named(before), Named(now)).Select(static happened => happened.Kind);
        Dictionary<string, DomainInfo> Named(DomainInfo? domain) => domain is null ? [] : new() { [domain.Uuid] = domain };
    }
}
