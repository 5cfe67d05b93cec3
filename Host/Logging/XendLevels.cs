namespace Hospes.Host.Logging;

/// <summary>xend's words for levels (fact sheet "xend", section 1).</summary>
internal static class XendLevels
{
    /// <summary>The level that a word means.</summary>
    /// <exception cref="XendException">It means none.</exception>
    public static LogLevel Parse(string word) => word.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARNING" or "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        _ => throw XendException.Generic($"invalid xend config loglevel: expected TRACE, DEBUG, INFO, WARNING, ERROR or CRITICAL: {word}"),
    };
}
