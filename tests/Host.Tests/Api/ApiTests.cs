using System.Text.Json.Nodes;
using Hospes.Host.Tests.Support;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Api;

public sealed class ApiTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task Dom0_is_listed_first_and_is_the_host()
    {
        await _appliance.CreateAsync(Appliance.Form("guest", _appliance.Kernel("guest", "W"u8)));
        JsonArray domains = (await _appliance.GetAsync("v1/domains")).AsArray();
        domains.Should().HaveCount(2);
        JsonNode dom0 = domains[0]!;
        ((string)dom0["name"]!).Should().Be("Domain-0");
        ((int)dom0["domid"]!).Should().Be(0);
        ((string)dom0["uuid"]!).Should().Be("00000000-0000-0000-0000-000000000000");
        ((string)dom0["state"]!).Should().Be("r-----");
        ((int)dom0["vcpus"]!).Should().Be(Environment.ProcessorCount);
        ((string)domains[1]!["name"]!).Should().Be("guest");
        foreach (string reference in (string[])["0", "Domain-0", "00000000-0000-0000-0000-000000000000"])
            ((int)(await _appliance.GetAsync($"v1/domains/{reference}"))["domid"]!).Should().Be(0);
    }

    [Theory]
    [InlineData("destroy", "Cannot destroy privileged domain 0")]
    [InlineData("pause", "Cannot pause privileged domain 0")]
    [InlineData("unpause", "Cannot unpause privileged domain 0")]
    [InlineData("shutdown", "Domain 0 cannot be shutdown")]
    public async Task Dom0_is_not_to_be_touched(string verb, string message) =>
        (await FluentActions.Awaiting(() => _appliance.PostAsync($"v1/domains/0/{verb}")).Should().ThrowAsync<FaultException>())
            .Where(fault => fault.Code == 2 && fault.Message == message);

    [Fact]
    public async Task An_engine_that_counts_nothing_is_asked_all_the_same()
    {
        int domid = (int)(await _appliance.CreateAsync(Appliance.Form("guest", _appliance.Kernel("guest", "W"u8))))["domid"]!;
        JsonNode engine = await _appliance.GetAsync("v1/domains/guest/engine");
        engine.ToJsonString().Should().Be($$$"""{"domid":{{{domid}}},"name":"guest","counters":{}}""");
        (await FluentActions.Awaiting(() => _appliance.GetAsync("v1/domains/0/engine")).Should().ThrowAsync<FaultException>())
            .Where(static fault => fault.Code == 2 && fault.Message == "Domain-0 is this machine itself: no engine runs it");
    }

    [Theory]
    [InlineData("v1/domains/nobody")]
    [InlineData("v1/domains/nobody/sxp")]
    [InlineData("v1/domains/nobody/vcpus")]
    [InlineData("v1/domains/nobody/console")]
    [InlineData("v1/domains/nobody/engine")]
    public async Task An_unknown_domain_is_fault_3_with_its_name(string path) =>
        (await FluentActions.Awaiting(() => _appliance.GetAsync(path)).Should().ThrowAsync<FaultException>())
            .Where(fault => fault.Code == 3 && fault.Message == "nobody" && (int)fault.Status == 404);

    [Theory]
    [InlineData("sysrq", "{}", "*needs a field \"key\"*")]
    [InlineData("sysrq", """{"key":"ab"}""", "*'ab' is not one letter*")]
    [InlineData("sysrq", """{"key":5}""", "*not the JSON that*")]
    [InlineData("trigger", """{"name":"warp"}""", "Invalid trigger: warp")]
    [InlineData("trigger", """{"name":"nmi","vcpu":9}""", "*has vcpus 0 to 0, not 9*")]
    [InlineData("shutdown", """{"reason":"explode"}""", "Invalid reason: explode")]
    [InlineData("rename", """{"name":"no spaces please"}""", "Invalid VM Name")]
    [InlineData("rename", """{"name":"Domain-0"}""", "VM name 'Domain-0' already exists as domain 0")]
    [InlineData("vcpu-count", """{"vcpus":0}""", "Invalid VCPUs")]
    [InlineData("vcpu-count", """{"vcpus":-2}""", "Invalid VCPUs")]
    [InlineData("vcpu-count", """{"vcpus":2}""", "Domain 'guest' was created with room for 1 VCPUs; 2 need 'maxvcpus' in its configuration.")]
    [InlineData("vcpu-count", "{}", "*needs a field \"vcpus\"*")]
    [InlineData("memory-target", """{"mib":17}""", "*memory_dynamic_max must be less than or equal to memory_static_max")]
    [InlineData("memory-target", """{"mib":0}""", "Invalid memory size")]
    [InlineData("memory-maximum", """{"mib":-1}""", "Invalid memory size")]
    [InlineData("memory-maximum", """{"mib":4611686018427387904}""", "*created with room for 16 MiB*")]
    [InlineData("memory-maximum", "", "*needs a field \"mib\"*")]
    [InlineData("memory-maximum", "[", "*not the JSON that*")]
    public async Task Orders_that_cannot_be_followed_are_refused_by_name(string verb, string body, string message)
    {
        await _appliance.CreateAsync(Appliance.Form("guest", _appliance.Kernel("guest", "W"u8)));
        (await FluentActions.Awaiting(() => _appliance.PostTextAsync($"v1/domains/guest/{verb}", body)).Should().ThrowAsync<FaultException>())
            .WithMessage(message).Where(fault => fault.Code == 2);
        (await _appliance.StateAsync("guest")).Should().Be("--p---");
    }

    [Fact]
    public async Task An_address_that_means_nothing_is_a_fault_too() =>
        (await FluentActions.Awaiting(() => _appliance.GetAsync("v1/dance")).Should().ThrowAsync<FaultException>())
            .WithMessage("*GET /v1/dance*");

    [Theory]
    [InlineData(Host.Api.ApiContext.MaximumBody + 1)]
    [InlineData(5 * Host.Api.ApiContext.MaximumBody)]
    public async Task A_body_that_is_too_long_is_refused(int length)
    {
        string form = new('(', length);
        (await FluentActions.Awaiting(() => _appliance.CreateAsync(form)).Should().ThrowAsync<FaultException>()).WithMessage("*at most*bytes*");
    }

    [Fact]
    public async Task A_name_with_a_slash_can_be_reached()
    {
        await _appliance.CreateAsync(Appliance.Form("group/web", _appliance.Kernel("guest", "W"u8)));
        ((string)(await _appliance.GetAsync("v1/domains/group%2Fweb"))["name"]!).Should().Be("group/web");
        await _appliance.PostAsync("v1/domains/group%2fweb/destroy");
        (await _appliance.StateAsync("group%2Fweb")).Should().BeNull();
    }

    [Fact]
    public async Task The_long_form_has_the_keys_that_programs_read()
    {
        string kernel = _appliance.Kernel("guest", "W"u8);
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("guest", kernel));
        SxpList form = SxpParser.ParseForm(await _appliance.TextAsync("v1/domains/guest/sxp"));
        form.Name.Should().Be("domain");
        form.ValueText("domid").Should().Be(info["domid"]!.ToString());
        form.ValueText("uuid").Should().Be((string)info["uuid"]!);
        form.ValueText("memory").Should().Be("16");
        form.ValueText("state").Should().Be("--p---");
        form.ValueText("status").Should().Be("1");
        form.ValueText("store_mfn").Should().MatchRegex(@"^\d+$");
        ((SxpList)form.Value("image")!).ValueText("kernel").Should().Be(kernel);
        SxpParser.ParseAll(await _appliance.TextAsync("v1/domains/sxp")).Should().HaveCount(2);
    }

    [Fact]
    public async Task The_console_is_a_socket_for_its_owner_alone()
    {
        await _appliance.CreateAsync(Appliance.Form("guest", _appliance.Kernel("guest", "W"u8)));
        string socket = (string)(await _appliance.GetAsync("v1/domains/guest/console"))["socket"]!;
        File.GetUnixFileMode(socket).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Host_information_has_xms_keys_in_xms_order()
    {
        JsonObject info = (await _appliance.GetAsync("v1/host")).AsObject();
        info.Select(static pair => pair.Key).Should().Equal(
            "host", "release", "version", "machine", "nr_cpus", "nr_nodes", "sockets_per_node", "cores_per_socket", "threads_per_core", "cpu_mhz",
            "hw_caps", "total_memory", "free_memory", "node_to_cpu", "xen_major", "xen_minor", "xen_extra", "xen_caps", "xen_scheduler", "xen_pagesize",
            "platform_params", "xen_changeset", "cc_compiler", "cc_compile_by", "cc_compile_domain", "cc_compile_date", "xend_config_format");
        ((string)info["nr_cpus"]!).Should().Be(Environment.ProcessorCount.ToString());
        ((string)info["hw_caps"]!).Should().MatchRegex("^([0-9a-f]{8}:){7}[0-9a-f]{8}$");
        long.Parse((string)info["free_memory"]!).Should().BeInRange(1, long.Parse((string)info["total_memory"]!));
    }

    [Fact]
    public async Task Messages_can_be_read_and_cleared_and_the_log_is_the_daemons()
    {
        (await _appliance.TextAsync("v1/host/dmesg")).Should().Contain(" Xen version ").And.Contain("(XEN) Using scheduler: ");
        await _appliance.PostAsync("v1/host/dmesg/clear");
        (await _appliance.TextAsync("v1/host/dmesg")).Should().BeEmpty();
        (await _appliance.TextAsync("v1/host/log")).Should().MatchRegex(@"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d+\] INFO \(ReadinessService:\d+\) xend started");
    }

    [Fact]
    public async Task Plugins_are_reported() =>
        (await _appliance.GetAsync("v1/plugins")).ToJsonString().Should().Contain("scripted").And.Contain("round-robin");
}
