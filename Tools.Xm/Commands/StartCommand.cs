using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm start</c>.</summary>
internal sealed class StartCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "start",
        Group = CommandGroup.Domain,
        Arguments = "[-p|--paused] [-c|--console_autoconnect] <DomainName>",
        Summary = "Start a managed domain.",
        IsCommon = true,
        Options = CreateCommand.StartOptions,
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session) => new CreateSequence(
        session,
        note =>
        {
            note(line.Arguments[0]);
            return session.Xend.Start(line.Arguments[0]);
        },
        line.Has("paused"),
        line.Has("console_autoconnect")).Run();
}
