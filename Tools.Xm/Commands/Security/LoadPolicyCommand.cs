using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm loadpolicy</c>.</summary>
internal sealed class LoadPolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "loadpolicy",
        Group = CommandGroup.Security,
        Arguments = "<policy>",
        Summary = "Put a policy in force whose binary representation was built, if all that runs conforms to it.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Security.Load(line.Arguments[0]);
        return 0;
    }
}
