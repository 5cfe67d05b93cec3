using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm delete</c>.</summary>
internal sealed class DeleteCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "delete",
        Group = CommandGroup.Domain,
        Arguments = "<DomainName>",
        Summary = "Remove a domain that does not run from those that xend manages.",
        IsCommon = true,
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "delete");
        return 0;
    }
}
