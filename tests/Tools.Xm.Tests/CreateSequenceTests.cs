using Hospes.Xm.Fakes;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Tests;

/// <summary>The steps of create, and what is left when one of them goes wrong or somebody presses Ctrl-C.</summary>
public sealed class CreateSequenceTests : IDisposable
{
    private const string Created = """{"domid":4,"name":"demo","uuid":"abc","state":"--p---"}""";

    private readonly XmFixture _xm = new();

    public CreateSequenceTests()
    {
        _xm.Write("demo", "kernel='/k'");
        _xm.Xend.Answer("POST /v1/domains", Created);
    }

    public void Dispose() => _xm.Dispose();

    [Fact]
    public void Creates_then_unpauses()
    {
        _xm.Run("create", "-q", "demo").Should().Be(new XmRun(0, "Started domain demo\n", ""));
        Requests().Should().HaveCount(2);
        Requests()[0].Should().MatchRegex("^POST /v1/domains \\(vm \\(name demo\\) .*\\(uuid [0-9a-f-]{36}\\)\\)$");
        Requests()[1].Should().Be("POST /v1/domains/abc/unpause");
    }

    [Fact]
    public void Keeps_an_identity_that_was_chosen()
    {
        _xm.Run("create", "-q", "demo", "uuid=5b1b1f6e-0000-4000-8000-000000000003");
        Requests()[0].Should().Contain("(uuid 5b1b1f6e-0000-4000-8000-000000000003)").And.NotMatchRegex("uuid.*uuid");
    }

    [Fact]
    public void Leaves_it_paused_if_asked()
    {
        _xm.Run("create", "-qp", "demo").Out.Should().Be("Started domain demo\n");
        Requests().Should().ContainSingle();
    }

    [Fact]
    public void A_dry_run_asks_nothing_of_xend()
    {
        _xm.Run("create", "-n", "demo").ExitCode.Should().Be(0);
        Requests().Should().BeEmpty();
    }

    [Fact]
    public void A_domain_that_cannot_be_started_is_destroyed()
    {
        _xm.Xend.Refuse("POST /v1/domains/abc/unpause", 2, "no");
        _xm.Run("create", "-q", "demo").Should().Be(new XmRun(1, "", "Error: no\n"));
        Requests()[^1].Should().Be("POST /v1/domains/abc/destroy");
    }

    [Theory]
    [InlineData(Interrupts.Interrupt, 0)]
    [InlineData(Interrupts.Terminate, 143)]
    [InlineData(Interrupts.Hangup, 129)]
    public void A_signal_while_it_is_made_leaves_nothing(int signal, int exitCode)
    {
        _xm.Xend.Answer("POST /v1/domains", _ =>
        {
            _xm.Interrupts.Raise(signal).Should().BeTrue();
            return new FakeReply(200, Created);
        });

        _xm.Run("create", "-q", "demo").Should().Be(new XmRun(exitCode, "Interrupted.\n", ""));
        Requests().Should().HaveCount(2);
        Requests()[1].Should().Be("POST /v1/domains/abc/destroy");
    }

    [Fact]
    public void A_signal_while_it_is_refused_leaves_nothing_to_do()
    {
        _xm.Xend.Answer("POST /v1/domains", _ =>
        {
            _xm.Interrupts.Raise(Interrupts.Interrupt);
            return new FakeReply(500, """{"code":2,"message":"VM name 'demo' already exists as domain 3"}""");
        });
        _xm.Run("create", "-q", "demo").Should().Be(new XmRun(0, "Interrupted.\n", ""));
        Requests().Should().ContainSingle();
    }

    [Fact]
    public void A_signal_while_it_is_unpaused_destroys_it()
    {
        _xm.Xend.Answer("POST /v1/domains/abc/unpause", _ =>
        {
            _xm.Interrupts.Raise(Interrupts.Interrupt);
            return new FakeReply(200, "{}");
        });
        _xm.Run("create", "-q", "demo").Out.Should().Be("Interrupted.\n");
        Requests()[^1].Should().Be("POST /v1/domains/abc/destroy");
    }

    [Fact]
    public void An_answer_that_never_comes_is_given_up_and_the_domain_destroyed_by_its_identity()
    {
        _xm.Environment = _xm.Environment with { InterruptPatience = TimeSpan.Zero };
        using ManualResetEventSlim ended = new();
        _xm.Xend.Answer("POST /v1/domains", _ =>
        {
            _xm.Interrupts.Raise(Interrupts.Interrupt);
            ended.Wait(TimeSpan.FromSeconds(30)); // an xend that thinks for longer than the person waits
            return new FakeReply(200, Created);
        });

        _xm.Run("create", "-q", "demo").Out.Should().Be("Interrupted.\n");

        ended.Set();
        string uuid = Requests()[0].Split("(uuid ")[1].TrimEnd(')');
        Requests()[^1].Should().Be($"POST /v1/domains/{uuid}/destroy");
    }

    [Fact]
    public void A_console_that_cannot_be_had_is_told_and_the_domain_runs()
    {
        _xm.Xend.Answer("GET /v1/domains/abc/console", $$"""{"socket":"{{_xm.Directory}}/none.sock"}""");
        XmRun run = _xm.Run("create", "-qc", "demo");
        (run.ExitCode, run.Out).Should().Be((1, "Started domain demo\n"));
        run.Error.Should().StartWith("Could not start console\n");
        Requests()[^1].Should().Be("POST /v1/domains/abc/unpause");
    }

    private string[] Requests() => [.. _xm.Xend.Requests];
}
