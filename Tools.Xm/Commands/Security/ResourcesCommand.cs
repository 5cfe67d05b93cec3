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
        Options = [new('\0', "json", "Output as JSON")],
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("json"))
        {
            session.Out.Write(JsonPassage.Indent(session.Xend.Get("/v1/security/resources")));
            return 0;
        }

        foreach (ResourceLabel resource in session.Security.Resources())
            session.Out.Write($"{resource.Resource}\n    policy: {resource.Policy}\n    label:  {resource.Label}\n");
        return 0;
    }
}
