using System.Runtime.CompilerServices;

namespace Hospes.Host.Logging;

/// <summary>
/// Logging as xend's log wants it: with the line of the source that speaks, which travels as the event's number
/// (fact sheet "xend", section 1: <c>[YYYY-MM-DD HH:MM:SS PID] LEVEL (module:line) text</c>).
/// </summary>
internal static class LogLines
{
    public static void Trace(this ILogger log, string text, [CallerLineNumber] int line = 0) => Write(log, LogLevel.Trace, text, null, line);

    public static void Debug(this ILogger log, string text, [CallerLineNumber] int line = 0) => Write(log, LogLevel.Debug, text, null, line);

    public static void Info(this ILogger log, string text, [CallerLineNumber] int line = 0) => Write(log, LogLevel.Information, text, null, line);

    public static void Warning(this ILogger log, string text, Exception? cause = null, [CallerLineNumber] int line = 0) =>
        Write(log, LogLevel.Warning, text, cause, line);

    public static void Error(this ILogger log, string text, Exception? cause = null, [CallerLineNumber] int line = 0) =>
        Write(log, LogLevel.Error, text, cause, line);

    private static void Write(ILogger log, LogLevel level, string text, Exception? cause, int line) =>
        log.Log(level, new EventId(line), text, cause, static (state, _) => state);
}
