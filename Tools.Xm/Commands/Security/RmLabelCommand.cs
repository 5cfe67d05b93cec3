using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm rmlabel</c>.</summary>
internal sealed class RmLabelCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "rmlabel",
        Group = CommandGroup.Security,
        Arguments = "{dom <ConfigFile>|res <resource>|mgt <managed domain>|vif-<n> <ConfigFile or managed domain>}",
        Summary = "Take the label of a configuration file, a resource, a managed domain or a network interface away.",
        MinimumArguments = 2,
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        switch (line.Arguments[0])
        {
            case "dom":
                new ConfigLabel(ConfigText.Find(session, line.Arguments[1])).Remove();
                break;
            case "res":
                session.Security.Unlabel(line.Arguments[1]);
                break;
            case "mgt":
                session.Xend.Post(line.Arguments[1], "security-label", ("name", ""), ("policy", ""));
                break;
            default:
                if (VifLabels.Number(line.Arguments[0]) is { } vif)
                {
                    VifLabels.Remove(session, vif, line.Arguments[1]);
                    break;
                }

                throw new UsageException($"Unrecognised type argument: {line.Arguments[0]}");
        }

        return 0;
    }
}
