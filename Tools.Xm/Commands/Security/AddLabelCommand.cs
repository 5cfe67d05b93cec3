using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm addlabel</c>.</summary>
internal sealed class AddLabelCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "addlabel",
        Group = CommandGroup.Security,
        Arguments = "<label> {dom <ConfigFile>|res <resource>|mgt <managed domain>|vif-<n> <ConfigFile or managed domain>} [policy]",
        Summary = "Give a label to a configuration file, a resource, a managed domain that does not run, or a network interface of either.",
        MinimumArguments = 3,
        MaximumArguments = 4,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        (string label, string kind, string target) = (line.Arguments[0], line.Arguments[1], line.Arguments[2]);
        string? policy = line.Arguments.Count > 3 ? line.Arguments[3] : null;
        switch (kind)
        {
            case "dom":
                Domain(session, label, target, policy);
                break;
            case "res":
                if (session.Security.Label(target, label, policy) is { } made)
                    session.Out.Write($"Resource file not found, creating new file at:\n{Shown(session, made)}\n");
                break;
            case "mgt":
                session.Xend.Post(target, "security-label", ("name", label), ("policy", policy?.Split(':')[^1] ?? ""));
                session.Out.Write($"Set the label of dormant domain '{target}' to '{label}'.\n");
                break;
            default:
                if (VifLabels.Number(kind) is { } vif)
                {
                    VifLabels.Add(session, vif, target, PolicyOrActive(session, policy), label);
                    break;
                }

                throw new UsageException("Need to specify either \"dom\", \"mgt\" or \"res\" as object to add label to.");
        }

        return 0;
    }

    // The manual's path: as Xen has it, without the root that an appliance may have been moved to.
    private static string Shown(XmSession session, string path) =>
        session.Root != "/" && path.StartsWith(session.Root + "/", StringComparison.Ordinal) ? path[session.Root.Length..] : path;

    private static void Domain(XmSession session, string label, string file, string? policy)
    {
        ConfigLabel config = new(ConfigText.Find(session, file));
        policy = PolicyOrActive(session, policy);
        if (!session.Security.Labels(policy, "dom").Contains(label, StringComparer.Ordinal))
            throw new CommandFailedException($"Label '{label}' not found.");
        config.Add(policy, label);
    }

    // A policy may be written with its type before it: ACM:example.test.
    private static string PolicyOrActive(XmSession session, string? policy)
    {
        if (policy is not null)
            return policy.Split(':')[^1];
        Api.SecurityInfo state = session.Security.State();
        return state.IsEnforcing ? state.Policy : throw new CommandFailedException("No active policy. Must specify policy on the command line.");
    }
}
