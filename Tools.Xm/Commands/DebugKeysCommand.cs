using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm debug-keys</c>.</summary>
internal sealed class DebugKeysCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "debug-keys",
        Group = CommandGroup.Host,
        Arguments = "<Keys>",
        Summary = "Have the hypervisor print what its debug keys stand for; 'h' lists them, xm dmesg shows it.",
        MinimumArguments = 1,
        MaximumArguments = 1,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Xend.PostHost("debug-keys", ("keys", line.Arguments[0]));
        return 0;
    }
}
