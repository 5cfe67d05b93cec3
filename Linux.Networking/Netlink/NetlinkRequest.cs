using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>
/// A message to the kernel being put together: header, the family's own structure, attributes (netlink(7), rtnetlink(7)). An attribute is a u16 length,
/// a u16 type and its value, padded to four bytes; one may hold others.
/// </summary>
/// <example>
/// "Bring interface 7 up", 32 bytes: <c>20 00 00 00  13 00  05 00  SEQ.  PORT  |  00 00 00 00  07 00 00 00  01 00 00 00  01 00 00 00</c>:
/// length, RTM_SETLINK, REQUEST and ACK, then ifinfomsg with index, flags (IFF_UP) and the mask of flags to change.
/// </example>
internal sealed class NetlinkRequest
{
    internal const int HeaderSize = 16;

    private const ushort NestedFlag = 0x8000;

    private readonly byte[] _bytes = new byte[1024];
    private int _length = HeaderSize;

    internal NetlinkRequest(MessageType type, RequestFlags flags)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(4), (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(6), (ushort)(flags | RequestFlags.Request));
    }

    /// <summary>The family's structure, right behind the header.</summary>
    internal NetlinkRequest Body<T>(in T structure)
        where T : unmanaged
    {
        MemoryMarshal.Write(_bytes.AsSpan(_length), in structure);
        _length = Align(_length + Marshal.SizeOf<T>());
        return this;
    }

    internal NetlinkRequest Attribute(int type, ReadOnlySpan<byte> value)
    {
        int start = Open(type);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
        Close(start);
        return this;
    }

    internal NetlinkRequest Attribute(int type, string text) => Attribute(type, Encoding.UTF8.GetBytes(text + '\0'));

    internal NetlinkRequest Attribute(int type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>An attribute that holds others.</summary>
    internal NetlinkRequest Nest(int type, Action<NetlinkRequest> inner)
    {
        int start = Open(type | NestedFlag);
        inner(this);
        Close(start);
        return this;
    }

    /// <summary>The finished message.</summary>
    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, (uint)_length);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(8), sequence);
        return _bytes.AsSpan(0, _length);
    }

    internal static int Align(int length) => (length + 3) & ~3;

    private int Open(int type)
    {
        int start = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start + 2), (ushort)type);
        _length += 4;
        return start;
    }

    private void Close(int start)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        _length = Align(_length);
    }
}
