using Hospes.Host.Domains.Records;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Tests.Domains.Records;

/// <summary>Whatever a record is complained of about fails the test.</summary>
internal sealed class FailingLogger : ILogger<DomainRecords>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new InvalidOperationException(formatter(state, exception), exception);
}
