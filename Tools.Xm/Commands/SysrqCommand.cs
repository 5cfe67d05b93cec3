using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm sysrq</c>.</summary>
internal sealed class SysrqCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "sysrq",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <letter>",
        Summary = "Press a 'magic SysRq' key in a domain.",
        MinimumArguments = 2,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments[1].Length != 1)
            throw new UsageException("Invalid argument.");
        session.Xend.Post(line.Arguments[0], "sysrq", ("key", line.Arguments[1]));
        return 0;
    }
}
