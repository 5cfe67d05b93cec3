using System.IO.Pipes;
using Hospes.Xm.Fakes;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Tests;

/// <summary>xm console and xm create -c on a real pseudo-terminal and on pipes.</summary>
public sealed class ConsoleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly XmFixture _xm = new();
    private readonly PseudoTerminal _person = new();
    private readonly FakeConsole _guest;
    private readonly TerminalModes _before;

    public ConsoleTests()
    {
        string path = Path.Combine(_xm.Directory, "console.sock");
        _guest = new FakeConsole(path);
        _xm.Xend.Answer("GET /v1/domains/demo/console", $$"""{"socket":"{{path}}"}""");
        _xm.Environment = _xm.Environment with { InputFd = _person.Terminal, OutputFd = _person.Terminal };
        _before = _person.Modes;
    }

    public void Dispose()
    {
        _guest.Dispose();
        _person.Dispose();
        _xm.Dispose();
    }

    [Fact]
    public async Task Keys_and_output_pass_raw_until_the_person_detaches()
    {
        Task<XmRun> run = Task.Run(() => _xm.Run("console", "demo"));
        _guest.Say("login: ");
        _person.Read(7).Should().Be("login: ");
        _person.IsRaw.Should().BeTrue();
        _person.Type("root\r\x03\x1a");
        _guest.Hear(7).Should().Be("root\r\x03\x1a", "Ctrl-C and Ctrl-Z are the guest's");
        _person.Type("bye\x1d");
        _guest.Hear(3).Should().Be("bye");

        (await run.WaitAsync(Patience)).Should().Be(new XmRun(0, "", ""));
        TerminalIsAsBefore();
    }

    [Fact]
    public async Task The_guests_end_is_the_sessions()
    {
        Task<XmRun> run = Task.Run(() => _xm.Run("console", "demo"));
        _guest.Say("Power down.\r\n");
        _guest.Close();

        (await run.WaitAsync(Patience)).ExitCode.Should().Be(0);
        _person.Read(13).Should().Be("Power down.\r\n");
        TerminalIsAsBefore();
    }

    [Theory]
    [InlineData(Interrupts.Terminate, 143)]
    [InlineData(Interrupts.Hangup, 129)]
    [InlineData(Interrupts.Interrupt, 130)]
    public async Task Signals_restore_the_terminal(int signal, int exitCode)
    {
        Task<XmRun> run = Task.Run(() => _xm.Run("console", "demo"));
        _guest.Say("x");
        _person.Read(1);
        _person.IsRaw.Should().BeTrue();

        _xm.Interrupts.Raise(signal).Should().BeTrue();

        (await run.WaitAsync(Patience)).ExitCode.Should().Be(exitCode);
        TerminalIsAsBefore();
        _xm.Interrupts.Raise(signal).Should().BeFalse("nobody handles signals any more");
    }

    [Fact]
    public async Task Create_attaches_before_the_domain_runs()
    {
        _xm.Write("demo", "kernel='/k'");
        _xm.Xend.Answer("POST /v1/domains", """{"domid":4,"name":"demo","uuid":"demo","state":"--p---"}""");
        _xm.Xend.Answer("POST /v1/domains/demo/unpause", _ =>
        {
            _guest.Say("first line\r\n");
            return new FakeReply(200, "{}");
        });
        Task<XmRun> run = Task.Run(() => _xm.Run("create", "-qc", "demo"));
        _person.Read(12).Should().Be("first line\r\n");
        _guest.Close();

        (await run.WaitAsync(Patience)).Should().Be(new XmRun(0, "Started domain demo\n", ""));
        _xm.Xend.Requests.Select(request => request.Split(' ')[1]).Should().Equal(
            "/v1/domains", "/v1/domains/demo/console", "/v1/domains/demo/unpause");
        TerminalIsAsBefore();
    }

    [Fact]
    public async Task In_a_pipe_no_byte_is_special_and_the_end_of_the_input_ends_nothing()
    {
        using AnonymousPipeServerStream input = new(PipeDirection.Out);
        using AnonymousPipeServerStream output = new(PipeDirection.In);
        _xm.Environment = _xm.Environment with
        {
            InputFd = (int)input.ClientSafePipeHandle.DangerousGetHandle(),
            OutputFd = (int)output.ClientSafePipeHandle.DangerousGetHandle(),
        };
        Task<XmRun> run = Task.Run(() => _xm.Run("console", "demo"));
        await input.WriteAsync("ls\n\x1d"u8.ToArray());
        await input.DisposeAsync();
        _guest.Hear(4).Should().Be("ls\n\x1d");
        _guest.Say("bin dev\n");
        byte[] shown = new byte[8];
        await output.ReadExactlyAsync(shown);
        shown.Should().Equal("bin dev\n"u8.ToArray());
        run.IsCompleted.Should().BeFalse();
        _guest.Close();

        (await run.WaitAsync(Patience)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Much_input_and_much_output_at_once_do_not_lock_up()
    {
        const int amount = 4 << 20;
        using AnonymousPipeServerStream input = new(PipeDirection.Out);
        using AnonymousPipeServerStream output = new(PipeDirection.In);
        _xm.Environment = _xm.Environment with
        {
            InputFd = (int)input.ClientSafePipeHandle.DangerousGetHandle(),
            OutputFd = (int)output.ClientSafePipeHandle.DangerousGetHandle(),
        };
        Task<XmRun> run = Task.Run(() => _xm.Run("console", "demo"));
        Task typing = Task.Run(() => input.Write(new byte[amount]));
        Task reading = Task.Run(() => output.ReadExactly(new byte[amount]));
        _guest.Say(new string('x', amount)); // before it reads a single byte
        await reading.WaitAsync(Patience);
        _guest.Hear(amount).Length.Should().Be(amount);
        await typing.WaitAsync(Patience);
        _guest.Close();

        (await run.WaitAsync(Patience)).ExitCode.Should().Be(0);
    }

    [Fact]
    public void A_console_that_is_not_there()
    {
        _xm.Run("console", "nobody").Should().Be(new XmRun(1, "", "Error: Domain 'console' does not exist.\n"));
        _xm.Run("console", "-q", "nobody").Should().Be(new XmRun(1, "", ""));
        _xm.Xend.Answer("GET /v1/domains/demo/console", """{"socket":"/nowhere/console.sock"}""");
        _xm.Run("console", "demo").Error.Should().StartWith("Error: Unable to connect to the console of domain 'demo' at /nowhere/console.sock: ");
        _xm.Run("console", "demo", "-q").Should().Be(new XmRun(1, "", ""));
    }

    private unsafe void TerminalIsAsBefore()
    {
        TerminalModes now = _person.Modes;
        (now.Input, now.Output, now.Control, now.Local).Should().Be((_before.Input, _before.Output, _before.Control, _before.Local));
        _person.IsRaw.Should().BeFalse();
    }
}
