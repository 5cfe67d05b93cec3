using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm rename</c>.</summary>
internal sealed class RenameCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "rename",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <NewName>",
        Summary = "Give a domain another name.",
        MinimumArguments = 2,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "rename", ("name", line.Arguments[1]));
        return 0;
    }
}
