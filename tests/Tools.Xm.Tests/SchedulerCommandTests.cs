using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>sched-credit, sched-sedf, vcpu-pin and top.</summary>
public sealed class SchedulerCommandTests : IDisposable
{
    private const string Domain0 = """{"domid":0,"name":"Domain-0","uuid":"","state":"r-----","memoryMiB":1024,"maximumMemoryMiB":1024,"vcpus":2,"cpuTime":12.5}""";
    private const string Demo = """{"domid":3,"name":"demo","uuid":"u3","state":"-b----","memoryMiB":128,"maximumMemoryMiB":256,"vcpus":1,"cpuTime":2.84}""";

    private readonly XmFixture _xm = new();

    public SchedulerCommandTests() => _xm.Xend.HasDomains(Demo, Domain0);

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void Credit_lists_all_or_one()
    {
        Credit();
        const string header = "Name                                ID Weight  Cap\n";
        const string demo = "demo                                 3    512   50\n";
        _xm.Run("sched-credit").Should().Be(new XmRun(0, header + "Domain-0                             0    256    0\n" + demo, ""));
        _xm.Run("sched-credit", "-d", "demo").Should().Be(new XmRun(0, header + demo, ""));
    }

    [Theory]
    [InlineData("{\"weight\":512}", "-d", "demo", "-w", "512")]
    [InlineData("{\"weight\":512,\"cap\":50}", "--domain=demo", "--weight=512", "--cap=50")]
    [InlineData("{\"cap\":0}", "-d", "demo", "-c0")]
    public void Credit_sets_and_says_nothing(string parameters, params string[] arguments)
    {
        Credit();
        string request = "POST /v1/domains/demo/scheduler";
        _xm.Xend.Answer(request, "{}");
        _xm.Run(["sched-credit", .. arguments]).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Should().EndWith($"{request} {{\"scheduler\":\"credit\",\"parameters\":{parameters}}}");
    }

    [Theory]
    [InlineData("No domain given.", "sched-credit", "-w", "5")]
    [InlineData("Invalid argument.", "sched-credit", "-d", "demo", "-w", "much")]
    [InlineData("'xm sched-credit' requires 0 arguments.\n", "sched-credit", "demo")]
    [InlineData("No domain given.", "sched-sedf", "-p", "5")]
    [InlineData("Invalid argument.", "sched-sedf", "demo", "-p", "long")]
    [InlineData("Invalid argument.", "sched-sedf", "demo", "-p", "1e300")]
    [InlineData("Invalid argument.", "vcpu-pin", "demo", "one", "0")]
    [InlineData("Invalid argument.", "top", "-d", "0")]
    [InlineData("Invalid argument.", "top", "-i", "-1")]
    public void Wrong_words_are_refused_before_xend_is_asked(string message, params string[] arguments)
    {
        XmRun run = _xm.Run(arguments);
        run.ExitCode.Should().Be(1);
        run.Error.Should().Be($"Error: {message}\n");
        run.Out.Should().StartWith($"Usage: xm {arguments[0]} ");
    }

    [Fact]
    public void The_other_scheduler_is_said_to_run()
    {
        _xm.Xend.Answer("GET /v1/host/scheduler", """{"scheduler":"sedf","available":["sedf"]}""");
        _xm.Run("sched-credit").Should().Be(new XmRun(1, "", "Error: Xen is running with the sedf scheduler\n"));
    }

    [Fact]
    public void Sedf_lists_milliseconds()
    {
        Sedf();
        _xm.Run("sched-sedf", "demo").Should().Be(new XmRun(
            0,
            "Name                                ID Period(ms) Slice(ms) Lat(ms) Extra Weight\n"
            + "demo                                 3      20.0       5.5     0.0      1      0\n",
            ""));
    }

    [Theory]
    [InlineData("\"period\":10000000,\"slice\":3000000,\"latency\":0,\"extratime\":0,\"weight\":0", "-p", "10", "-s", "3", "-e", "0")]
    [InlineData("\"period\":0,\"slice\":0,\"latency\":0,\"extratime\":1,\"weight\":4", "-w", "4")]
    [InlineData("\"period\":20000000,\"slice\":5500000,\"latency\":1500000,\"extratime\":1,\"weight\":0", "-l", "1.5")]
    [InlineData("\"period\":20000000,\"slice\":5000000,\"latency\":0,\"extratime\":0,\"weight\":0", "20000000", "5000000", "0", "0", "0")]
    public void Sedf_overrides_what_is_set_in_both_forms(string parameters, params string[] arguments)
    {
        Sedf();
        _xm.Xend.Answer("POST /v1/domains/demo/scheduler", "{}");
        _xm.Run(["sched-sedf", "demo", .. arguments]).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Should().EndWith($"POST /v1/domains/demo/scheduler {{\"scheduler\":\"sedf\",\"parameters\":{{{parameters}}}}}");
    }

    [Fact]
    public void Sedf_says_what_was_refused()
    {
        Sedf();
        _xm.Xend.Refuse("POST /v1/domains/demo/scheduler", 2, "slice is too long");
        _xm.Run("sched-sedf", "demo", "-s", "500").Should().Be(new XmRun(1, "", "Error: Failed to set sedf parameters (rv=-22). slice is too long\n"));
    }

    [Fact]
    public void Pins()
    {
        _xm.Xend.Answer("POST /v1/domains/demo/vcpu-pin", "{}");
        _xm.Run("vcpu-pin", "demo", "all", "0-3,^1").Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Should().EndWith("POST /v1/domains/demo/vcpu-pin {\"vcpu\":\"all\",\"cpus\":\"0-3,^1\"}");
    }

    [Fact]
    public void Top_in_batch_has_xentops_columns_and_letters()
    {
        _xm.Xend.Answer("GET /v1/host", """{"total_memory":"1024","free_memory":"512","nr_cpus":"2","cpu_mhz":"2000"}""");
        XmRun run = _xm.Run("top", "-b", "-i", "2");
        const string header = "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR SSID\n";
        const string rows =
            "  Domain-0 -----r         12    0.0    1048576  100.0   no limit       n/a     2    0        0        0    0        0        0        0    0\n"
            + "      demo --b---          2    0.0     131072   12.5     262144      25.0     1    0        0        0    0        0        0        0    0\n";
        run.Should().Be(new XmRun(0, header + rows + header + rows, ""));
    }

    [Fact]
    public void Top_shows_vcpus_and_repeats_the_header_when_asked()
    {
        _xm.Xend.Answer("GET /v1/host", """{"total_memory":"1024"}""");
        _xm.Xend.Answer("GET /v1/domains/Domain-0/vcpus", "[]");
        _xm.Xend.Answer("GET /v1/domains/u3/vcpus", $"[{string.Join(',', Enumerable.Range(0, 6).Select(vcpu => $$"""{"number":{{vcpu}},"cpuTime":{{vcpu}}.9}"""))}]");
        string[] lines = _xm.Run("top", "-b", "-i", "1", "-v", "-r").Out.Split('\n');
        lines[0].Should().Be(lines[2]);
        lines[4].Should().Be("VCPUs(sec):   0:          0s  1:          1s  2:          2s  3:          3s  4:          4s");
        lines[5].Should().Be("              5:          5s");
    }

    [Fact]
    public void Top_without_a_terminal_says_what_to_do()
    {
        using FileStream nowhere = File.OpenRead("/dev/null");
        _xm.Environment = _xm.Environment with { InputFd = (int)nowhere.SafeFileHandle.DangerousGetHandle() };
        _xm.Run("top").Should().Be(new XmRun(1, "", "Error: xm top draws on a terminal, and this is none. 'xm top --batch' writes lines.\n"));
    }

    private void Credit()
    {
        _xm.Xend.Answer("GET /v1/host/scheduler", """{"scheduler":"credit","available":["credit"]}""");
        _xm.Xend.Answer("GET /v1/domains/Domain-0/scheduler", """{"scheduler":"credit","parameters":{"weight":256,"cap":0}}""");
        _xm.Xend.Answer("GET /v1/domains/u3/scheduler", """{"scheduler":"credit","parameters":{"weight":512,"cap":50}}""");
    }

    private void Sedf()
    {
        const string parameters = """{"scheduler":"sedf","parameters":{"period":20000000,"slice":5500000,"latency":0,"extratime":1,"weight":0}}""";
        _xm.Xend.Answer("GET /v1/host/scheduler", """{"scheduler":"sedf","available":["sedf"]}""");
        _xm.Xend.Answer("GET /v1/domains/u3/scheduler", parameters);
        _xm.Xend.Answer("GET /v1/domains/demo/scheduler", parameters);
    }
}
