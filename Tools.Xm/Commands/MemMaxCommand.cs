using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm mem-max</c>.</summary>
internal sealed class MemMaxCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "mem-max",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <Mem>",
        Summary = "Set the most memory that a domain may have, in MiB.",
        MinimumArguments = 2,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "memory-maximum", ("mib", MemoryQuantity.ParseMiB(line.Arguments[1], session.Out)));
        return 0;
    }
}
