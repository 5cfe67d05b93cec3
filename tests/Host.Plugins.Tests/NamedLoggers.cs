using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Plugins;

/// <summary>Notes who asks for a logger.</summary>
internal sealed class NamedLoggers : ILoggerFactory
{
    internal List<string> Names { get; } = [];

    public ILogger CreateLogger(string categoryName)
    {
        Names.Add(categoryName);
        return NullLogger.Instance;
    }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
