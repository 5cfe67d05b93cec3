namespace Hospes.Consoles.Socket;

/// <summary>What people have typed and the guest has not taken yet. Any thread.</summary>
internal sealed class InputQueue
{
    /// <summary>Contract of <see cref="Sdk.Consoles.IConsole.Read"/>: beyond this, typing is refused.</summary>
    internal const int Capacity = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _bytes = new byte[Capacity];
    private int _start;
    private int _count;

    /// <summary>Takes as much as there is room for; answers how much that was, and whether the queue had been empty.</summary>
    internal int Add(ReadOnlySpan<byte> typed, out bool wasEmpty)
    {
        lock (_lock)
        {
            wasEmpty = _count == 0;
            int taken = Math.Min(typed.Length, Capacity - _count);
            int end = (_start + _count) % Capacity;
            int first = Math.Min(taken, Capacity - end);
            typed[..first].CopyTo(_bytes.AsSpan(end));
            typed[first..taken].CopyTo(_bytes);
            _count += taken;
            return taken;
        }
    }

    internal int Take(Span<byte> destination)
    {
        lock (_lock)
        {
            int taken = Math.Min(destination.Length, _count);
            int first = Math.Min(taken, Capacity - _start);
            _bytes.AsSpan(_start, first).CopyTo(destination);
            _bytes.AsSpan(0, taken - first).CopyTo(destination[first..]);
            _start = (_start + taken) % Capacity;
            _count -= taken;
            return taken;
        }
    }
}
