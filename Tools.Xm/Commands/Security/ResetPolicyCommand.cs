using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm resetpolicy</c>.</summary>
internal sealed class ResetPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "resetpolicy",
        Group = CommandGroup.Security,
        Summary = "Go back to the default policy, which forbids nothing; only while no domain runs.",
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Security.Reset();
        session.Out.Write("Successfully reset the system's policy.\n");
        return 0;
    }
}
