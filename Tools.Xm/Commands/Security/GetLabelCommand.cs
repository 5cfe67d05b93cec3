using Hospes.Sxp;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm getlabel</c>.</summary>
internal sealed class GetLabelCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "getlabel",
        Group = CommandGroup.Security,
        Arguments = "{dom <ConfigFile>|res <resource>|mgt <domain>|vif-<n> <ConfigFile or domain>}",
        Summary = "Show the label of a configuration file, a resource, a domain or a network interface.",
        MinimumArguments = 2,
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string target = line.Arguments[1];
        (string policy, string label) = line.Arguments[0] switch
        {
            "dom" => new ConfigLabel(ConfigText.Find(session, target)).Label ?? throw new CommandFailedException("Domain not labeled"),
            "res" => session.Security.Resource(target) is ResourceLabel found ? (found.Policy, found.Label) : default,
            "mgt" => OfDomain(session, target),
            string vif when VifLabels.Number(vif) is { } number => VifLabels.Get(session, number, target),
            string other => throw new UsageException($"Unrecognised type argument: {other}"),
        };
        session.Out.Write($"policy={policy},label={label}\n");
        return 0;
    }

    // Of one that runs xend says it itself; of a managed one that does not, its configuration has it.
    private static (string Policy, string Label) OfDomain(XmSession session, string domain)
    {
        SxpList form = SxpParser.ParseForm(session.Xend.DomainForm(domain));
        if (form.ValueText("security_label")?.Split(':') is [_, string policy, string label])
            return (policy, label);
        SxpList? control = form.OfType<SxpList>().Where(static list => list.Name == "security").SelectMany(static list => list.OfType<SxpList>())
            .SelectMany(static list => list.OfType<SxpList>().Prepend(list)).FirstOrDefault(static list => list.Name == "access_control");
        return (control?.ValueText("policy"), control?.ValueText("label")) is ({ Length: > 0 } its, { Length: > 0 } own) ? (its, own) : throw new CommandFailedException("Domain not labeled");
    }
}
