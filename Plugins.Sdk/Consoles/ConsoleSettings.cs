namespace Hospes.Sdk.Consoles;

/// <summary>Where a domain's console is to be offered.</summary>
/// <param name="DomainName">The domain's name, for messages.</param>
/// <param name="SocketPath">The Unix stream socket on which people attach; the backend makes it with mode 0600 and removes it when disposed.</param>
/// <param name="LogPath">A file to which everything the guest writes is appended, or null.</param>
/// <param name="HistoryBytes">How much of the guest's latest output is kept and replayed to a person who attaches (xend's console-limit).</param>
public sealed record ConsoleSettings(string DomainName, string SocketPath, string? LogPath, int HistoryBytes);
