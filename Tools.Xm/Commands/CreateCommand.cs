using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm create</c> (fact sheet "xm", section 3).</summary>
internal sealed class CreateCommand : XmCommand
{
    /// <summary>Switches of whatever makes a domain run.</summary>
    internal static readonly OptionSpec[] StartOptions =
    [
        new('p', "paused", "Leave the domain paused"),
        new('c', "console_autoconnect", "Attach to the console before the domain runs"),
    ];

    public override CommandDescription Description { get; } = new()
    {
        Name = "create",
        Group = CommandGroup.Domain,
        Arguments = "<ConfigFile> [options] [vars]",
        Summary = "Create a domain from a configuration file; name=value sets variables of it.",
        IsCommon = true,
        Options = [.. ConfigInput.Options, .. StartOptions],
        ArgumentKind = ArgumentKind.ConfigFile,
        HelpAfterFault = false,
    };

    public override int Run(CommandLine line, XmSession session) => ConfigInput.Run(
        line, session, form => CreateSequence.From(session, form, line.Has("paused"), line.Has("console_autoconnect")).Run());
}
