using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore;

/// <summary>What the store says in the log. Each is said at most once per connection, so no client can fill the log.</summary>
internal static partial class XenstoreLog
{
    [LoggerMessage(1, LogLevel.Warning, "xenstore: closing a client of domain {Domain}: its message claims {Length} bytes, 4096 is the most")]
    public static partial void OversizedMessage(ILogger logger, ushort domain, uint length);

    [LoggerMessage(2, LogLevel.Warning, "xenstore: closing a client of domain {Domain}: it doesn't read the events of its watches")]
    public static partial void SlowClient(ILogger logger, ushort domain);

    [LoggerMessage(3, LogLevel.Information, "xenstore: listening on {Path}")]
    public static partial void Listening(ILogger logger, string path);

    [LoggerMessage(4, LogLevel.Warning, "xenstore: cannot take a connection on {Path}; trying again in {Milliseconds} ms")]
    public static partial void AcceptFailed(ILogger logger, string path, int milliseconds, Exception cause);

    [LoggerMessage(5, LogLevel.Error, "xenstore: a watch's callback failed (watched path {Path})")]
    public static partial void CallbackFailed(ILogger logger, string path, Exception cause);

    [LoggerMessage(6, LogLevel.Error, "xenstore: a client's connection (domain {Domain}) ended by a fault of the server")]
    public static partial void ConnectionFault(ILogger logger, ushort domain, Exception cause);

    [LoggerMessage(7, LogLevel.Warning, "xenstore: the last {Bytes} bytes of {Path} are no whole change, as after a power cut; the store is as it was before it")]
    public static partial void JournalCutShort(ILogger logger, string path, int bytes);

    [LoggerMessage(8, LogLevel.Error, "xenstore: {Path} cannot be written; the store works on, but would be lost with this process. It is tried again every second")]
    public static partial void JournalFailed(ILogger logger, string path, Exception cause);
}
