using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>What each command asks of xend.</summary>
public sealed class LifecycleCommandTests : IDisposable
{
    private const string Domain0 = """{"domid":0,"name":"Domain-0","uuid":"","state":"r-----"}""";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Theory]
    [InlineData("POST /v1/domains/demo/destroy", "destroy", "demo")]
    [InlineData("POST /v1/domains/a%2Fb%20c/destroy", "destroy", "a/b c")]
    [InlineData("POST /v1/domains/demo/pause", "pa", "demo")]
    [InlineData("POST /v1/domains/demo/unpause", "unpause", "demo")]
    [InlineData("POST /v1/domains/demo/rename {\"name\":\"other\"}", "rename", "demo", "other")]
    [InlineData("POST /v1/domains/demo/sysrq {\"key\":\"h\"}", "sysrq", "demo", "h")]
    [InlineData("POST /v1/domains/demo/trigger {\"name\":\"nmi\",\"vcpu\":0}", "trigger", "demo", "nmi")]
    [InlineData("POST /v1/domains/demo/trigger {\"name\":\"init\",\"vcpu\":2}", "trigger", "demo", "init", "2")]
    [InlineData("POST /v1/domains/demo/vcpu-count {\"vcpus\":3}", "vcpu-set", "demo", "3")]
    [InlineData("POST /v1/domains/demo/vcpu-count {\"vcpus\":-1}", "vcpu-set", "--", "demo", "-1")]
    [InlineData("POST /v1/domains/demo/memory-target {\"mib\":256}", "mem-set", "demo", "256")]
    [InlineData("POST /v1/domains/demo/memory-target {\"mib\":2048}", "mem-set", "demo", "2g")]
    [InlineData("POST /v1/domains/demo/memory-maximum {\"mib\":1}", "mem-max", "demo", "2047K")]
    [InlineData("POST /v1/domains/demo/memory-maximum {\"mib\":-5}", "mem-max", "--", "demo", "-5")]
    public void One_request_and_no_output(string request, params string[] arguments)
    {
        _ = _xm.Xend;
        _xm.Run(arguments).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Should().Equal(request);
    }

    [Fact]
    public void Unknown_units_are_bytes_and_said_so()
    {
        _ = _xm.Xend;
        _xm.Run("mem-set", "demo", "4194304b").Should().Be(new XmRun(0, "ignoring unknown unit\n", ""));
        _xm.Xend.Requests.Should().Equal("POST /v1/domains/demo/memory-target {\"mib\":4}");
    }

    [Fact]
    public void Names_and_ids()
    {
        _xm.Xend.HasDomains(Demo(3, 0));
        _xm.Run("domid", "demo").Should().Be(new XmRun(0, "3\n", ""));
        _xm.Run("domname", "3").Should().Be(new XmRun(0, "demo\n", ""));
    }

    [Fact]
    public void Texts_of_the_host()
    {
        _xm.Xend.Answer("GET /v1/host/dmesg", "(XEN) one\n(XEN) two\n");
        _xm.Xend.Answer("GET /v1/host/log", "[2026] INFO");
        _xm.Run("dmesg").Should().Be(new XmRun(0, "(XEN) one\n(XEN) two\n", ""));
        _xm.Xend.Requests.Should().ContainSingle();
        _xm.Run("dmesg", "-c").Out.Should().Be("(XEN) one\n(XEN) two\n");
        _xm.Xend.Requests.Should().EndWith("POST /v1/host/dmesg/clear");
        _xm.Run("log").Out.Should().Be("[2026] INFO");
    }

    [Theory]
    [InlineData("poweroff", "shutdown", "demo")]
    [InlineData("halt", "shutdown", "-H", "demo")]
    [InlineData("reboot", "shutdown", "demo", "-R")]
    [InlineData("reboot", "reboot", "demo")]
    public void Shutdown_sends_a_reason_and_does_not_wait(string reason, params string[] arguments)
    {
        _xm.Xend.HasDomains(Demo(3, 0));
        _xm.Run(arguments).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Should().Equal("GET /v1/domains/demo", $"POST /v1/domains/uuid-demo/shutdown {{\"reason\":\"{reason}\"}}");
    }

    [Fact]
    public void Shutdown_of_all_waits_for_each()
    {
        string other = Demo(5, 0).Replace("demo", "other", StringComparison.Ordinal);
        _xm.Xend.HasDomains(Domain0, Demo(3, 0), other);
        Waits(() => _xm.Xend.HasDomains(Domain0, Demo(3, 0), other), () => _xm.Xend.HasDomains(Domain0, Demo(3, 0)), () => _xm.Xend.HasDomains(Domain0));

        _xm.Run("shutdown", "-aw").Should().Be(new XmRun(0, "Domain other terminated\nDomain demo terminated\nAll domains terminated\n", ""));
    }

    private static string Stopped => Demo(3, 0).Replace("-b----", "---s--", StringComparison.Ordinal);

    [Fact]
    public void A_domain_that_is_preserved_counts_as_terminated()
    {
        _xm.Xend.HasDomains(Demo(3, 0));
        Waits(() => _xm.Xend.HasDomains(Stopped), () => { }, () => { });
        _xm.Run("shutdown", "-w", "demo").Out.Should().Be("Domain demo terminated\nAll domains terminated\n");
    }

    [Fact]
    public void A_domain_that_is_about_to_be_taken_away_is_waited_for()
    {
        _xm.Xend.HasDomains(Domain0, Demo(3, 0));
        int looks = 0;
        Waits(() => _xm.Xend.HasDomains(Domain0, Stopped), () => looks++, () => _xm.Xend.HasDomains(Domain0));
        _xm.Run("shutdown", "-w", "demo").Out.Should().Be("Domain demo terminated\nAll domains terminated\n");
        looks.Should().Be(1, "it was still listed when it had just stopped");
    }

    [Fact]
    public void Reboot_waits_until_the_domain_is_back()
    {
        _xm.Xend.HasDomains(Domain0, Demo(3, 0));
        Waits(
            () => { },
            () => _xm.Xend.HasDomains(Domain0), // between the old one's end and the new one's beginning
            () => _xm.Xend.HasDomains(Domain0, Demo(4, 1)));
        _xm.Run("reboot", "-w", "demo").Out.Should().Be("Domain demo rebooted\nAll domains rebooted\n");
    }

    [Fact]
    public void Reboot_gives_up_a_domain_that_stays_away()
    {
        _xm.Xend.HasDomains(Domain0, Demo(3, 0));
        Waits(() => _xm.Xend.HasDomains(Domain0), () => { }, () => { });
        _xm.Run("reboot", "-w", "demo").Out.Should().Be("Domain demo destroyed for failed in rebooting\nAll domains rebooted\n");
    }

    [Fact]
    public void Json_passes_on_what_xend_says()
    {
        _xm.Xend.HasDomains(Domain0, """{"domid":7,"name":"A","uuid":"u7","kind":"pvh","state":"--p---","new":{"x":[1]}}""");
        using var all = System.Text.Json.JsonDocument.Parse(_xm.Run("list", "--json").Out);
        all.RootElement.EnumerateArray().Select(domain => domain.GetProperty("name").GetString()).Should().Equal("A", "Domain-0");
        all.RootElement[0].GetProperty("new").GetProperty("x")[0].GetInt32().Should().Be(1);
        using var paused = System.Text.Json.JsonDocument.Parse(_xm.Run("list", "--json", "--state=paused").Out);
        paused.RootElement.GetArrayLength().Should().Be(1);
        _xm.Xend.Answer("GET /v1/domains/u7/vcpus", """[{"number":0,"online":true}]""");
        using var vcpus = System.Text.Json.JsonDocument.Parse(_xm.Run("vcpu-list", "--json", "A").Out);
        vcpus.RootElement[0].GetProperty("vcpus")[0].GetProperty("online").GetBoolean().Should().BeTrue();
        _xm.Xend.Answer("GET /v1/host", """{"host":"box"}""");
        _xm.Xend.Answer("GET /v1/host/configuration", """{"logfile":"/x","keymap":""}""");
        _xm.Run("info", "-c").Out.Should().Be($"{"logfile",-38}: /x\n{"keymap",-38}: (none)\n");
        _xm.Run("info", "--json").Out.Should().Be("{\n  \"host\": \"box\"\n}\n");
    }

    [Fact]
    public void Replies_in_chunks_are_put_together()
    {
        _xm.Xend.Answer("GET /v1/host/log", _ => new FakeReply(0, "", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"));
        _xm.Run("log").Out.Should().Be("abc0123456789");
    }

    [Fact]
    public void The_root_may_be_given_before_the_command()
    {
        _xm.Xend.Answer("GET /v1/host/log", "here");
        _xm.Variables["HOSPES_ROOT"] = "unused";
        _xm.Environment = _xm.Environment with { Variable = _ => null };
        _xm.Run("--root", _xm.Directory, "log").Out.Should().Be("here");
        _xm.Run("--root=.", "log").Out.Should().Be("here");
        _xm.Run("--root").Error.Should().Be("Error: option --root requires argument\n");
    }

    private static string Demo(int domid, int restarts) =>
        $$"""{"domid":{{domid}},"name":"demo","uuid":"uuid-demo","state":"-b----","restartCount":{{restarts}}}""";

    /// <summary>What happens during each wait; one more wait than expected fails the test.</summary>
    private void Waits(params Action[] steps)
    {
        Queue<Action> queue = new(steps);
        _xm.Environment = _xm.Environment with { Wait = time =>
        {
            time.Should().Be(TimeSpan.FromSeconds(1));
            queue.Dequeue()();
        } };
    }
}
