using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm cfgbootpolicy</c>.</summary>
internal sealed class CfgBootPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "cfgbootpolicy",
        Group = CommandGroup.Security,
        Arguments = "<policy> [boot-title]",
        Summary = "Have the hypervisor load a policy when it boots.",
        MinimumArguments = 1,
        MaximumArguments = 2,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string policy = line.Arguments[0];
        string title = session.Security.Boot(policy, line.Arguments.Count > 1 ? line.Arguments[1] : null);
        session.Out.Write($"Boot entry '{title}' extended and '{policy}.bin' copied to /boot\n");
        return 0;
    }
}
