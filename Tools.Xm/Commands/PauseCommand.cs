using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm pause</c>.</summary>
internal sealed class PauseCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "pause",
        Group = CommandGroup.Domain,
        Arguments = "<Domain>",
        Summary = "Stop the clock of a domain: it keeps its memory and runs nothing.",
        IsCommon = true,
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "pause");
        return 0;
    }
}
