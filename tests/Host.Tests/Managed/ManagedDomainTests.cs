using System.Text.Json.Nodes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Managed;

/// <summary>Domains that xend knows whether they run or not, under a real daemon.</summary>
public sealed class ManagedDomainTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_new_domain_is_halted_until_it_is_started_and_then_keeps_its_identity()
    {
        JsonNode known = await NewAsync("web");
        known["domid"].Should().BeNull();
        string uuid = (string)known["uuid"]!;
        (await ListAsync("")).Should().Equal(["Domain-0"], "only what runs is listed unless all is asked for");
        (await ListAsync("?state=all")).Should().Equal("Domain-0", "web");
        (await ListAsync("?state=halted")).Should().Equal("web");
        (await ListAsync("?state=running")).Should().Equal("Domain-0");
        (await ListAsync("?state=suspended")).Should().BeEmpty();
        await RefusedAsync(() => _appliance.GetAsync("v1/domains?state=odd"), "The state has to be one of all, running, paused, halted, suspended, not 'odd'.");

        JsonNode started = await _appliance.PostAsync("v1/domains/web/start");
        ((string)started["uuid"]!).Should().Be(uuid);
        ((string)started["state"]!).Should().Be("--p---");
        (await ListAsync("?state=halted")).Should().BeEmpty();
        (await ListAsync("?state=paused")).Should().Equal("web");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/web/start"), "Domain is already running");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/web/delete"), "Domain is not halted.");
        await _appliance.PostAsync("v1/domains/web/destroy");
        (await ListAsync("?state=halted")).Should().Equal("web");
        await _appliance.PostAsync("v1/domains/web/delete");
        (await ListAsync("?state=all")).Should().Equal("Domain-0");
        Directory.EnumerateFileSystemEntries(Domains).Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_known_after_the_daemon_was_killed_and_its_file_can_be_read_by_people()
    {
        string uuid = (string)(await NewAsync("kept", "(on_crash preserve) (features 'a|b')"))["uuid"]!;
        string path = Path.Combine(Domains, uuid, "config.sxp");
        (await File.ReadAllTextAsync(path)).Should().StartWith("# A managed domain").And.Contain("\n    (name kept)\n").And.Contain("\n    (on_crash preserve)\n");
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        await _appliance.StartDaemonAsync();
        JsonNode found = await _appliance.GetAsync("v1/domains/kept");
        ((string)found["uuid"]!).Should().Be(uuid);
        ((bool)found["managed"]!).Should().BeTrue();
        SxpParser.ParseForm(await _appliance.TextAsync($"v1/domains/{uuid}/sxp")).ValueText("features").Should().Be("a|b");
    }

    [Fact]
    public async Task What_is_changed_while_it_runs_or_not_is_what_it_starts_with_next()
    {
        await NewAsync("box", "(maxmem 32) (vcpus 2)");
        await _appliance.PostAsync("v1/domains/box/memory-target", new { mib = 24 });
        await _appliance.PostAsync("v1/domains/box/start");
        ((int)(await _appliance.GetAsync("v1/domains/box"))["memoryMiB"]!).Should().Be(24);
        await _appliance.PostAsync("v1/domains/box/vcpu-count", new { vcpus = 1 });
        await _appliance.PostAsync("v1/domains/box/rename", new { name = "crate" });
        await _appliance.PostAsync("v1/domains/crate/destroy");
        JsonNode halted = (await _appliance.GetAsync("v1/domains?state=halted")).AsArray().Should().ContainSingle().Subject!;
        ((string)halted["name"]!).Should().Be("crate");
        ((int)halted["onlineVcpus"]!).Should().Be(1);
        ((int)halted["memoryMiB"]!).Should().Be(24);
        await _appliance.PostAsync("v1/domains/crate/rename", new { name = "chest" });
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/chest/pause"), "Domain 'chest' is not started");
        await RefusedAsync(() => _appliance.GetAsync("v1/domains/chest/vcpus"), "Domain 'chest' is not started");
        await RefusedAsync(
            () => _appliance.PostAsync("v1/domains/chest/memory-target", new { mib = 64 }),
            "Invalid Configuration: memory_dynamic_max must be less than or equal to memory_static_max");
        ((int)(await _appliance.GetAsync("v1/domains/chest"))["memoryMiB"]!).Should().Be(24, "what was refused has changed nothing");
    }

    [Fact]
    public async Task Names_and_identities_are_unique_over_what_runs_and_what_does_not()
    {
        string uuid = (string)(await NewAsync("web"))["uuid"]!;
        string kernel = _appliance.Kernel("other", "W"u8);
        await RefusedAsync(() => _appliance.CreateAsync(Appliance.Form("web", kernel)), "Domain name 'web' is already used.");
        await RefusedAsync(() => NewAsync("web", $"(uuid {Guid.NewGuid()})"), "Domain name 'web' is already used.");
        await RefusedAsync(() => NewAsync("mail", $"(uuid {uuid})"), $"Domain UUID '{uuid}' is already used.");
        ((string)(await NewAsync("web", "(maxmem 64)"))["uuid"]!).Should().Be(uuid, "the same name without an identity is the same domain");
        ((int)(await _appliance.GetAsync("v1/domains/web"))["maximumMemoryMiB"]!).Should().Be(64);

        int domid = (int)(await _appliance.CreateAsync(Appliance.Form("mail", kernel)))["domid"]!;
        await RefusedAsync(() => NewAsync("mail"), $"VM name 'mail' already exists as domain {domid}");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/mail/rename", new { name = "web" }), "Domain name 'web' is already used.");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/web/rename", new { name = "mail" }), $"VM name 'mail' already exists as domain {domid}");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/mail/delete"), "Domain 'mail' is not managed by Xend lifecycle support.");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/nobody/delete"), "nobody");
        await RefusedAsync(() => _appliance.PostAsync("v1/domains/nobody/start"), "nobody");
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_told_of_and_stay_as_they_are()
    {
        string good = (string)(await NewAsync("good"))["uuid"]!;
        await _appliance.StopDaemonAsync();
        string newer = Store(Guid.NewGuid(), uuid => $"(domain (xend_format 2) (uuid {uuid}) (name newer) (image (linux (kernel /k))))");
        string torn = Store(Guid.NewGuid(), uuid => $"(domain (uuid {uuid}) (name torn");
        string moved = Store(Guid.NewGuid(), _ => $"(domain (uuid {Guid.NewGuid()}) (name moved) (image (linux (kernel /k))))");
        Directory.CreateDirectory(Path.Combine(Domains, Guid.NewGuid().ToString()));
        string xens = Store(Guid.NewGuid(), uuid => $"(domain (uuid {uuid}) (name xens) (memory 16) (image (linux (kernel /k))))");
        string[] before = [await File.ReadAllTextAsync(newer), await File.ReadAllTextAsync(torn), await File.ReadAllTextAsync(moved), await File.ReadAllTextAsync(xens)];
        await _appliance.StartDaemonAsync();
        (await ListAsync("?state=halted")).Should().Equal(["good", "xens"], "a file of Xen's own is read");
        (await File.ReadAllTextAsync(_appliance.Paths.XendLog)).Should().Contain("format 2 of a newer version of xend").And.Contain("is never closed").And.Contain("not what its directory is called");
        await RefusedAsync(() => NewAsync("newer", $"(uuid {Path.GetFileName(Path.GetDirectoryName(newer))})"), $"{newer} has the format 2 of a newer version of xend, and this version reads up to 1");
        ((string[])[await File.ReadAllTextAsync(newer), await File.ReadAllTextAsync(torn), await File.ReadAllTextAsync(moved), await File.ReadAllTextAsync(xens)]).Should().Equal(before);
        good.Should().NotBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_stored_is_refused_and_nothing_of_it_stays()
    {
        await File.WriteAllTextAsync(Domains, "in the way");
        (await FluentActions.Awaiting(() => NewAsync("web")).Should().ThrowAsync<FaultException>()).Where(static fault => fault.Code == 2 && fault.Message.StartsWith("Domain 'web' cannot be stored in "));
        (await ListAsync("?state=all")).Should().Equal("Domain-0");
    }

    [Fact]
    public async Task Those_that_want_to_come_and_go_with_xend()
    {
        await NewAsync("comes", "(on_xend_start start)");
        await NewAsync("waits");
        await NewAsync("goes", "(on_xend_start start) (on_xend_stop shutdown)");
        await _appliance.StopDaemonAsync();
        await _appliance.StartDaemonAsync();
        (await ListAsync("")).Should().BeEquivalentTo("Domain-0", "comes", "goes");
        (await _appliance.StateAsync("comes")).Should().NotContain("p");
    }

    private string Domains => Path.Combine(_appliance.Paths.State, "domains");

    private Task<JsonNode> NewAsync(string name, string extra = "") =>
        _appliance.PostTextAsync("v1/managed-domains", Appliance.Form(name, _appliance.Kernel($"k-{name.GetHashCode():x}", "W"u8), extra));

    private async Task<string[]> ListAsync(string query) => [.. (await _appliance.GetAsync($"v1/domains{query}")).AsArray().Select(static domain => (string)domain!["name"]!)];

    private string Store(Guid uuid, Func<Guid, string> text)
    {
        string path = Path.Combine(Domains, uuid.ToString(), "config.sxp");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text(uuid));
        return path;
    }

    private static async Task RefusedAsync(Func<Task> work, string message) =>
        (await FluentActions.Awaiting(work).Should().ThrowAsync<FaultException>()).Which.Message.Should().Be(message);
}
