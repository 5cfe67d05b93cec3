using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm reboot</c>: the same as <c>xm shutdown -R</c>.</summary>
internal sealed class RebootCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "reboot",
        Group = CommandGroup.Domain,
        Arguments = "[-w] [-a] <Domain>",
        Summary = "Ask a domain to reboot itself.",
        IsCommon = true,
        Options =
        [
            new('a', "all", "Every domain but Domain-0"),
            new('w', "wait", "Wait until the domains have rebooted"),
        ],
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        new DomainShutdown(session, "reboot").Run(line);
        return 0;
    }
}
