namespace Hospes.Xm.Cli;

/// <summary>The command line is wrong: the message is shown, then the command's help.</summary>
internal sealed class UsageException(string message) : Exception(message);
