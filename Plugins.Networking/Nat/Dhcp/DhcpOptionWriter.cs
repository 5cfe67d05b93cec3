using System.Buffers.Binary;

namespace Hospes.Networking.Nat.Dhcp;

/// <summary>Puts options one behind the other.</summary>
internal ref struct DhcpOptionWriter(Span<byte> options)
{
    private readonly Span<byte> _options = options;
    private int _length;

    internal void Add(DhcpOption option, scoped ReadOnlySpan<byte> value)
    {
        _options[_length] = (byte)option;
        _options[_length + 1] = (byte)value.Length;
        value.CopyTo(_options[(_length + 2)..]);
        _length += 2 + value.Length;
    }

    internal void Add(DhcpOption option, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Add(option, bytes);
    }

    /// <summary>Ends the list; answers its length.</summary>
    internal int Finish()
    {
        _options[_length++] = (byte)DhcpOption.End;
        return _length;
    }
}
