namespace Hospes.Xm.Cli;

/// <summary>What a command's arguments are, for completion.</summary>
internal enum ArgumentKind
{
    None,
    Domain,
    ConfigFile,
    Command,
    Shell,
}
