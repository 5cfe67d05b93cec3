using Iced.Intel;

namespace Hospes.Engines.Translator.Decode;

/// <summary>Gives the decoder bytes from host memory.</summary>
internal sealed unsafe class NativeCodeReader : CodeReader
{
    private byte* _next;
    private byte* _end;

    internal void Set(byte* start, int length)
    {
        _next = start;
        _end = start + length;
    }

    /// <inheritdoc/>
    public override int ReadByte() => _next < _end ? *_next++ : -1;
}
