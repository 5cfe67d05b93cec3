namespace Hospes.Sdk.Consoles;

/// <summary>One guest's console, seen from the guest's side. Members may be called from any thread; none blocks on a slow watcher.</summary>
public interface IConsole : IDisposable
{
    /// <summary>The guest wrote these bytes. A watcher that does not keep up loses its connection, never the guest its time.</summary>
    void Write(ReadOnlySpan<byte> fromGuest);

    /// <summary>
    /// Takes up to the span's length of the bytes people have typed; answers how many. What is not taken stays, in order, up to 64 KiB, after
    /// which typing is refused.
    /// </summary>
    int Read(Span<byte> toGuest);

    /// <summary>Raised on a backend thread when <see cref="Read"/> has something after having had nothing.</summary>
    event Action? InputArrived;
}
