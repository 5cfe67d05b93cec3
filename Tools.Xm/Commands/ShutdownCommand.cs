using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm shutdown</c> (fact sheet "xm", section 2.1).</summary>
internal sealed class ShutdownCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "shutdown",
        Group = CommandGroup.Domain,
        Arguments = "[-a] [-w] [-H] [-R] <Domain>",
        Summary = "Ask a domain to shut itself down.",
        IsCommon = true,
        Options =
        [
            new('a', "all", "Every domain but Domain-0"),
            new('w', "wait", "Wait until the domains are down"),
            new('H', "halt", "Halt instead of powering off"),
            new('R', "reboot", "Reboot instead of powering off"),
        ],
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("halt") && line.Has("reboot"))
            throw new UsageException("Can't specify halt and reboot");
        string reason = line.Has("halt") ? "halt" : line.Has("reboot") ? "reboot" : "poweroff";
        new DomainShutdown(session, reason).Run(line);
        return 0;
    }
}
