namespace Hospes.Host.Logging;

/// <summary>One module's way into the log.</summary>
internal sealed class XendLogger(string module, XendLoggerProvider provider) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = formatter(state, exception);
        provider.Write(logLevel, module, eventId.Id, exception is null ? text : $"{text}{Environment.NewLine}{exception}");
    }
}
