using Hospes.Sdk.Consoles;

namespace Hospes.Host.DomainProcess;

/// <summary>A console to which nobody listens, and on which nobody types.</summary>
internal sealed class SilentConsole : IConsole
{
    /// <inheritdoc/>
    public event Action? InputArrived
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> fromGuest)
    {
    }

    /// <inheritdoc/>
    public int Read(Span<byte> toGuest) => 0;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
