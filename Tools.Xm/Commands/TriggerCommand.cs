using System.Globalization;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm trigger</c>.</summary>
internal sealed class TriggerCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "trigger",
        Group = CommandGroup.Domain,
        Arguments = "<Domain> <nmi|reset|init> [<VCPU>]",
        Summary = "Send a hardware event to a VCPU of a domain, to VCPU 0 if none is named.",
        MinimumArguments = 2,
        MaximumArguments = 3,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        int vcpu = 0;
        if (line.Arguments.Count > 2 && !int.TryParse(line.Arguments[2], NumberStyles.None, CultureInfo.InvariantCulture, out vcpu))
            throw new UsageException("Invalid argument.");
        session.Xend.Post(line.Arguments[0], "trigger", ("name", line.Arguments[1]), ("vcpu", vcpu));
        return 0;
    }
}
