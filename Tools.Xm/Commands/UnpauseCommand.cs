using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm unpause</c>.</summary>
internal sealed class UnpauseCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "unpause",
        Group = CommandGroup.Domain,
        Arguments = "<Domain>",
        Summary = "Let a paused domain run again.",
        IsCommon = true,
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "unpause");
        return 0;
    }
}
