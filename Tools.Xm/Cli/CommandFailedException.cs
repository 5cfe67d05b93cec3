namespace Hospes.Xm.Cli;

/// <summary>The command cannot do what was asked; the message says what, on what, and why, and nothing needs to be added.</summary>
internal sealed class CommandFailedException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Xen prints this one without a word before it.</summary>
    public bool IsPlain { get; init; }
}
