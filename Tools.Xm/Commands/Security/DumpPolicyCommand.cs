using System.Text;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm dumppolicy</c>.</summary>
internal sealed class DumpPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "dumppolicy",
        Group = CommandGroup.Security,
        Summary = "Show the policy in force as the hypervisor has it.",
        MaximumArguments = 0,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Out.Write(Encoding.UTF8.GetString(session.Security.Dump()));
        return 0;
    }
}
