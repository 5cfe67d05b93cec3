using System.Buffers.Binary;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>The Internet's checksum (RFC 1071): the ones' complement of a ones' complement sum of 16-bit words.</summary>
internal static class Checksum
{
    /// <summary>Adds bytes, as words of which a last odd one is filled with zero, to a sum. A frame's length keeps it from overflowing.</summary>
    internal static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        ulong wide = sum;
        while (bytes.Length >= sizeof(uint))
        {
            wide += BinaryPrimitives.ReadUInt32BigEndian(bytes);
            bytes = bytes[sizeof(uint)..];
        }

        if (bytes.Length >= sizeof(ushort))
        {
            wide += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        if (!bytes.IsEmpty)
            wide += (uint)bytes[0] << 8;
        wide = (wide & 0xffff_ffff) + (wide >> 32);
        wide = (wide & 0xffff) + (wide >> 16);
        return (uint)wide;
    }

    /// <summary>A sum in 16 bits.</summary>
    internal static ushort Fold(uint sum)
    {
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>What is written into the header for a sum. A UDP checksum of zero would mean that there is none.</summary>
    internal static ushort Finish(uint sum) => Fold(sum) is 0xffff and ushort all ? all : (ushort)~Fold(sum);
}
