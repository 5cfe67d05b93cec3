using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm makepolicy</c>.</summary>
internal sealed class MakePolicyCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "makepolicy",
        Group = CommandGroup.Security,
        Arguments = "<policy>",
        Summary = "Build the binary representation of a policy in XML.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Security.Make(line.Arguments[0]);
        return 0;
    }
}
