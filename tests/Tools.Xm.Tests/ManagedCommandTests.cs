using Hospes.Xm.Cli;
using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>Commands about managed domains, cores and the hypervisor: what they ask of xend, and what they print.</summary>
public sealed class ManagedCommandTests : IDisposable
{
    private const string Halted = """{"name":"kept","uuid":"5b1b1f6e-0000-4000-8000-000000000003","memoryMiB":64,"maximumMemoryMiB":64,"vcpus":1,"onlineVcpus":1,"state":"","cpuTime":0,"managed":true}""";
    private const string Domain0 = """{"domid":0,"name":"Domain-0","uuid":"00000000-0000-0000-0000-000000000000","memoryMiB":512,"vcpus":1,"onlineVcpus":1,"state":"r-----","cpuTime":1.5}""";

    private readonly XmFixture _xm = new();

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void Halted_domains_have_neither_number_nor_state()
    {
        _xm.Xend.Answer("GET /v1/domains?state=all", $"[{Domain0},{Halted}]");
        _xm.Run("list").Out.Split('\n')[2].Should().Be($"{"kept",-40} {"",3} {64,8} {1,5} {"",5} {"0.0",8}");
        _xm.Run("list", "--state=halted").Out.Split('\n').Should().HaveCount(3);
        _xm.Run("list", "--state=running").Out.Should().Contain("Domain-0").And.NotContain("kept");
        _xm.Run("list", "--state=suspended").Out.Split('\n').Should().HaveCount(2);
    }

    [Fact]
    public void New_registers_and_start_starts()
    {
        _xm.Xend.Answer("POST /v1/managed-domains", Halted);
        string file = _xm.Write("kept", "kernel = '/k'\nmemory = 64\n");
        _xm.Run("new", "-q", file).Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Single().Should().StartWith("POST /v1/managed-domains (vm (name kept) (memory 64)");
        _xm.Run("new", "-q", "-n", file).Out.Should().StartWith("(vm");
        _xm.Xend.Requests.Should().ContainSingle("a dry run asks for nothing");
        _xm.Xend.Answer("POST /v1/domains/kept/start", Halted.Replace("\"name\"", "\"domid\":4,\"name\"", StringComparison.Ordinal));
        _xm.Run("start", "kept").Should().Be(new XmRun(0, "Started domain kept\n", ""));
        _xm.Run("start", "-p", "kept").Should().Be(new XmRun(0, "Started domain kept\n", ""));
        _xm.Xend.Requests.Skip(1).Should().Equal(
            "POST /v1/domains/kept/start", "POST /v1/domains/5b1b1f6e-0000-4000-8000-000000000003/unpause", "POST /v1/domains/kept/start");
        _xm.Run("delete", "kept").Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Last().Should().Be("POST /v1/domains/kept/delete");
    }

    [Fact]
    public void Labels_and_labelled_resources_as_json()
    {
        _xm.Xend.Answer("GET /v1/security/labels?type=res&policy=chain%2Fwall", """["a","b"]""");
        _xm.Run("labels", "--json", "chain/wall", "type=res").Out.Should().Be("[\n  \"a\",\n  \"b\"\n]\n");
        _xm.Xend.Answer("GET /v1/security/resources", """[{"resource":"file:/a","policy":"p","label":"l"}]""");
        _xm.Run("resources", "--json").Out.Should().Contain("\"resource\": \"file:/a\"");
    }

    [Fact]
    public void Dump_core_says_what_it_does()
    {
        _ = _xm.Xend;
        _xm.Run("dump-core", "web").Should().Be(new XmRun(0, "Dumping core of domain: web ...\n", ""));
        _xm.Run("dump-core", "-L", "-C", "web", "x.core").Out.Should().Be("Dumping core of domain: web ...\nDestroying domain: web ...\n");
        _xm.Xend.Requests.Should().Equal(
            "POST /v1/domains/web/dump {\"live\":0}",
            $"POST /v1/domains/web/dump {{\"live\":1,\"file\":\"{_xm.Directory}/x.core\"}}",
            "POST /v1/domains/web/destroy");
        _xm.Run("debug-keys", "qr").Should().Be(new XmRun(0, "", ""));
        _xm.Xend.Requests.Last().Should().Be("POST /v1/host/debug-keys {\"keys\":\"qr\"}");
    }

    [Fact]
    public void Events_are_shown_until_xend_ends_them()
    {
        _xm.Xend.Answer("GET /v1/events", """
            {"time":"2026-11-23T10:00:00Z","kind":"created","name":"web","domid":3}
            {"time":"2026-11-23T10:00:01Z","kind":"deleted","name":"kept"}

            """);
        _xm.Run("event-monitor").Should().Be(new XmRun(0, "2026-11-23T10:00:00Z created    web (3)\n2026-11-23T10:00:01Z deleted    kept\n", ""));
    }

    [Theory]
    [InlineData("a b", "a", "b")]
    [InlineData("  a  'b c' \"d e\"f ", "a", "b c", "d ef")]
    [InlineData("a\\ b '' \"\\\"\"", "a b", "", "\"")]
    [InlineData("")]
    public void Words_of_a_line(string line, params string[] words) => ShellWords.Split(line).Should().Equal(words);

    [Fact]
    public void Every_command_is_in_the_manual()
    {
        CommandTable table = new();
        string page = ManualPages.All(table)["xm.1"];
        foreach (CommandDescription command in table.Commands)
            page.Should().Contain($".SS \"xm {command.Name.Replace("-", "\\-", StringComparison.Ordinal)}");
    }
}
