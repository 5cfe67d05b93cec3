using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm completion</c>.</summary>
internal sealed class CompletionCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "completion",
        Group = CommandGroup.Tool,
        Arguments = "bash",
        Summary = "Print a script that lets a shell complete commands, switches and domains.",
        MinimumArguments = 1,
        MaximumArguments = 1,
        ArgumentKind = ArgumentKind.Shell,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments[0] != "bash")
            throw new UsageException($"There is no completion for '{line.Arguments[0]}', only for bash.");
        session.Out.Write(BashCompletion.Script(session.Table));
        return 0;
    }
}
