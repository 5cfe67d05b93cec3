using Hospes.Sdk.Consoles;

namespace Hospes.GuestTrace;

/// <summary>The guest's console on the tool's own standard output; nothing is typed.</summary>
internal sealed class StandardConsole : IConsole
{
    private readonly Stream _output = Console.OpenStandardOutput();

    public event Action? InputArrived
    {
        add { }
        remove { }
    }

    public void Write(ReadOnlySpan<byte> fromGuest)
    {
        _output.Write(fromGuest);
        _output.Flush();
    }

    public int Read(Span<byte> toGuest) => 0;

    public void Dispose() => _output.Flush();
}
