using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm setpolicy</c>.</summary>
internal sealed class SetPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "setpolicy",
        Group = CommandGroup.Security,
        Arguments = "ACM <policy> [options]",
        Summary = "Install a policy: check it, build its binary representation, and put it in force if wanted.",
        Options =
        [
            new('\0', "load", "Put it in force"),
            new('\0', "boot", "Have the hypervisor load it when it boots"),
            new('\0', "update", "It follows the installed one: its version becomes the next"),
            new('\0', "nooverwrite", "Refuse if a policy of that name is installed"),
        ],
        MinimumArguments = 2,
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments[0] != "ACM")
            throw new UsageException($"The policy type has to be ACM, not '{line.Arguments[0]}'.");
        try
        {
            session.Security.Install(line.Arguments[1], line.Has("load"), line.Has("boot"), line.Has("update"), !line.Has("nooverwrite"));
        }
        catch (XendFaultException refused)
        {
            throw new CommandFailedException($"An error occurred trying to set the policy: {refused.Message}", refused);
        }

        session.Out.Write("Successfully set the new policy.\n");
        return 0;
    }
}
