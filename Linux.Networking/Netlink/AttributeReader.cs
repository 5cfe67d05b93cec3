using System.Buffers.Binary;
using System.Text;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>Finds attributes in what the kernel answers.</summary>
internal readonly ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int TypeMask = 0x3fff;

    private readonly ReadOnlySpan<byte> _attributes = attributes;

    /// <summary>An attribute's value. False: it is not there.</summary>
    internal bool TryFind(int type, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> left = _attributes;
        while (left.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(left);
            if (length < 4 || length > left.Length)
                break;
            if ((BinaryPrimitives.ReadUInt16LittleEndian(left[2..]) & TypeMask) == type)
            {
                value = left[4..length];
                return true;
            }

            left = left[Math.Min(NetlinkRequest.Align(length), left.Length)..];
        }

        value = default;
        return false;
    }

    internal string? FindText(int type) => TryFind(type, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value.TrimEnd((byte)0)) : null;

    internal int? FindNumber(int type) => TryFind(type, out ReadOnlySpan<byte> value) && value.Length >= 4
        ? BinaryPrimitives.ReadInt32LittleEndian(value) : null;

    /// <summary>What stands in an attribute that holds others; nothing when it is not there.</summary>
    internal AttributeReader Nested(int type) => TryFind(type, out ReadOnlySpan<byte> value) ? new AttributeReader(value) : default;
}
