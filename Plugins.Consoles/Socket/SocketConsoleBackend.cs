using Hospes.Sdk.Consoles;

namespace Hospes.Consoles.Socket;

/// <summary>Offers each guest's console on a Unix stream socket: raw bytes both ways, history first, any number of people at once.</summary>
[ConsoleBackend("socket")]
public sealed class SocketConsoleBackend : IConsoleBackend
{
    /// <inheritdoc/>
    public IConsole Open(ConsoleSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.HistoryBytes);
        ConsoleLog? log = settings.LogPath is null ? null : ConsoleLog.Open(settings.DomainName, settings.LogPath);
        try
        {
            return new SocketConsole(settings, ConsoleSocket.Listen(settings.DomainName, settings.SocketPath), log);
        }
        catch
        {
            log?.Dispose();
            throw;
        }
    }
}
