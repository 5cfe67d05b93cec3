using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm resources</c>.</summary>
internal sealed class ResourcesCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "resources",
        Group = CommandGroup.Security,
        Summary = "List the labelled resources.",
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        foreach (ResourceLabel resource in session.Security.Resources())
            session.Out.Write($"{resource.Resource}\n    policy: {resource.Policy}\n    label:  {resource.Label}\n");
        return 0;
    }
}
