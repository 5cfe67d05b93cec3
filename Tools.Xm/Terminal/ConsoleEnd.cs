namespace Hospes.Xm.Terminal;

/// <summary>How a console session ended.</summary>
internal enum ConsoleEnd
{
    /// <summary>The person pressed Ctrl-].</summary>
    Detached,

    /// <summary>The guest's side closed: it shut down, or was destroyed.</summary>
    Closed,

    /// <summary>A signal, or the terminal or pipe that the output goes to is gone.</summary>
    Interrupted,
}
