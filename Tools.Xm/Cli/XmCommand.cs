namespace Hospes.Xm.Cli;

/// <summary>One subcommand: what it's called and takes, and what it does.</summary>
internal abstract class XmCommand
{
    public abstract CommandDescription Description { get; }

    /// <returns>The exit status.</returns>
    public abstract int Run(CommandLine line, XmSession session);
}
