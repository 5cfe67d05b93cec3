using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>Collects what an encoder writes.</summary>
internal sealed class ByteWriter : CodeWriter
{
    internal List<byte> Bytes { get; } = [];

    public override void WriteByte(byte value) => Bytes.Add(value);
}
