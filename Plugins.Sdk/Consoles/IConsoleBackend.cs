namespace Hospes.Sdk.Consoles;

/// <summary>A way to offer guests' consoles to people. Lives in the domain process; one instance may serve several consoles.</summary>
public interface IConsoleBackend
{
    /// <summary>Opens a console.</summary>
    /// <exception cref="IOException">The socket or the log file cannot be made; the message names it.</exception>
    IConsole Open(ConsoleSettings settings);
}
