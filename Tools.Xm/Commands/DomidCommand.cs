using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm domid</c>.</summary>
internal sealed class DomidCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "domid",
        Group = CommandGroup.Domain,
        Arguments = "<DomainName>",
        Summary = "Show the id of the domain with this name.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Out.Write($"{session.Xend.Domain(line.Arguments[0]).Domid}\n");
        return 0;
    }
}
