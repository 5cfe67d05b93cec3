namespace Hospes.Consoles.Socket;

/// <summary>The latest output of a guest, up to a fixed size. Not thread-safe.</summary>
internal sealed class HistoryBuffer(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _next;
    private int _count;

    internal void Append(ReadOnlySpan<byte> output)
    {
        if (output.Length > _bytes.Length)
            output = output[^_bytes.Length..];
        int first = Math.Min(output.Length, _bytes.Length - _next);
        output[..first].CopyTo(_bytes.AsSpan(_next));
        output[first..].CopyTo(_bytes);
        _next += output.Length;
        if (_next >= _bytes.Length)
            _next -= _bytes.Length;
        _count = Math.Min(_count + output.Length, _bytes.Length);
    }

    /// <summary>What is kept, oldest first: the older part and the newer part, either possibly empty.</summary>
    internal void Read(out ReadOnlySpan<byte> older, out ReadOnlySpan<byte> newer)
    {
        int start = _next - _count;
        older = start < 0 ? _bytes.AsSpan(start + _bytes.Length) : default;
        newer = _bytes.AsSpan(Math.Max(start, 0), _next - Math.Max(start, 0));
    }
}
