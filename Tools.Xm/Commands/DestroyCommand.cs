using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm destroy</c>.</summary>
internal sealed class DestroyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "destroy",
        Group = CommandGroup.Domain,
        Arguments = "<Domain>",
        Summary = "Stop a domain at once, as if its power were cut.",
        IsCommon = true,
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "destroy");
        return 0;
    }
}
