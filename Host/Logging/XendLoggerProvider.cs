namespace Hospes.Host.Logging;

/// <summary>
/// Writes the daemon's log in xend's own line format, and the same to standard error with the syslog level that journald understands
/// (sd-daemon(3): <c>&lt;N&gt;</c>) when a service manager listens there; or to the journal itself, with fields, where there is one.
/// </summary>
internal sealed class XendLoggerProvider(RotatingFile file, TimeProvider clock, TextWriter? error, JournalSocket? journal = null) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new XendLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], this);

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        journal?.Dispose();
    }

    /// <summary>Writes one entry.</summary>
    public void Write(LogLevel level, string module, int line, string text)
    {
        DateTimeOffset now = clock.GetLocalNow();
        (string word, int syslog) = level switch
        {
            LogLevel.Trace => ("TRACE", 7),
            LogLevel.Debug => ("DEBUG", 7),
            LogLevel.Information => ("INFO", 6),
            LogLevel.Warning => ("WARNING", 4),
            LogLevel.Error => ("ERROR", 3),
            _ => ("CRITICAL", 2),
        };
        file.WriteLine($"[{now:yyyy-MM-dd HH:mm:ss} {Environment.ProcessId}] {word} ({module}:{line}) {text}");
        if (journal?.TryWrite(syslog, module, line, text) != true && error is not null)
        {
            lock (error)
                error.WriteLine($"<{syslog}>({module}:{line}) {text.ReplaceLineEndings(" | ")}");
        }
    }
}
