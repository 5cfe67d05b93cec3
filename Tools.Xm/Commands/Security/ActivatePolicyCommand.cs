using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm activatepolicy</c>.</summary>
internal sealed class ActivatePolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "activatepolicy",
        Group = CommandGroup.Security,
        Arguments = "[options]",
        Summary = "Put the installed policy in force, or say what the next boot does with it.",
        Options =
        [
            new('\0', "load", "Put it in force"),
            new('\0', "boot", "Have the hypervisor load it when it boots"),
            new('\0', "noboot", "Have it load none"),
            new('\0', "remove", "Put none in force, while no domain runs"),
        ],
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("boot") && line.Has("noboot"))
            throw new UsageException("--boot and --noboot exclude each other.");
        if (line.Has("load") && line.Has("remove"))
            throw new UsageException("--load and --remove exclude each other.");
        session.Security.Activate(line.Has("load"), line.Has("boot"), line.Has("noboot"), line.Has("remove"));
        session.Out.Write("Successfully activated the policy.\n");
        GetPolicyCommand.Write(session, withSource: false);
        return 0;
    }
}
