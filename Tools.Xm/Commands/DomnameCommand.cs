using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm domname</c>.</summary>
internal sealed class DomnameCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "domname",
        Group = CommandGroup.Domain,
        Arguments = "<DomId>",
        Summary = "Show the name of the domain with this id.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Out.Write($"{session.Xend.Domain(line.Arguments[0]).Name}\n");
        return 0;
    }
}
