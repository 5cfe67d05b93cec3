using System.Net.Sockets;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Commands;

/// <summary><c>xm console</c>.</summary>
internal sealed class ConsoleCommand : XmCommand
{
    private const int Failure = 1;
    private const int SignalBase = 128;

    public override CommandDescription Description { get; } = new()
    {
        Name = "console",
        Group = CommandGroup.Domain,
        Arguments = "[-q|--quiet] <Domain>",
        Summary = "Attach to the console of a domain; Ctrl-] detaches.",
        IsCommon = true,
        Options = [new('q', "quiet", "Say nothing if the console cannot be had")],
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments.Count == 0)
            throw new UsageException("No domain given");
        try
        {
            using ConsoleSession console = Open(session, line.Arguments[0]);
            return ExitStatus(console.Run(session.Environment.Interrupts), console);
        }
        catch (Exception failure) when (line.Has("quiet")
            && failure is XendFaultException or XendUnreachableException or MalformedReplyException or CommandFailedException)
        {
            return Failure;
        }
    }

    /// <summary>Connects to a domain's console.</summary>
    internal static ConsoleSession Open(XmSession session, string reference)
    {
        string path = session.Xend.ConsoleSocket(reference);
        if (!session.Server.IsLocal)
            throw new CommandFailedException($"The console of domain '{reference}' cannot be opened from here: {session.Server.ConsoleHint(reference)}.");
        try
        {
            return new ConsoleSession(ConsoleSession.Connect(path), session.Environment.InputFd, session.Environment.OutputFd);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            throw new CommandFailedException($"Unable to connect to the console of domain '{reference}' at {path}: {failure.Message}", failure);
        }
    }

    internal static int ExitStatus(ConsoleEnd end, ConsoleSession console) =>
        end != ConsoleEnd.Interrupted ? 0 : console.Signal != 0 ? SignalBase + console.Signal : Failure;
}
