using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm mem-set</c>.</summary>
internal sealed class MemSetCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "mem-set",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <Mem>",
        Summary = "Set the memory that a domain has now, in MiB.",
        IsCommon = true,
        MinimumArguments = 2,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
        DeprecatedNames = ["balloon"],
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.Post(line.Arguments[0], "memory-target", ("mib", MemoryQuantity.ParseMiB(line.Arguments[1], session.Out)));
        return 0;
    }
}
