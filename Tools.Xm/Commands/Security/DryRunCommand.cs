using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary><c>xm dry-run</c>.</summary>
internal sealed class DryRunCommand : XmCommand
{
    /// <summary>-1, as the shell has it (fact sheet "ACM", section 7).</summary>
    private const int Failed = 255;

    public override CommandDescription Description { get; } = new()
    {
        Name = "dry-run",
        Group = CommandGroup.Security,
        Arguments = "<ConfigFile>",
        Summary = "Say whether a domain could have its resources, without making it.",
        Options = [.. ConfigInput.Options.Where(static option => option.Long is "path" or "quiet")],
        MinimumArguments = 1,
        ArgumentKind = ArgumentKind.ConfigFile,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session) => ConfigInput.Run(line, session, form =>
    {
        bool isPassed = SecurityReport.WriteAll(session.Out, session.Security.Check(form.ToString()));
        session.Out.Write($"Dry Run: {(isPassed ? "PASSED" : "FAILED")}\n");
        return isPassed ? 0 : Failed;
    });
}
