using System.Buffers.Binary;
using System.Net;
using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>Makes frames and judges them, by the RFCs alone.</summary>
internal static class Packet
{
    internal const byte Tcp = 6;
    internal const byte Udp = 17;

    internal static readonly byte[] GuestMac = [0x00, 0x16, 0x3e, 0, 0, 1];
    internal static readonly byte[] OtherMac = [0x00, 0x16, 0x3e, 0, 0, 2];

    /// <summary>A frame with TCP or UDP. With its checksum left blank, the field has the sum over the pseudo-header, as stacks leave it.</summary>
    internal static byte[] Make(byte protocol, bool version6, byte[] data, bool isBlank, bool fromGuest = true)
    {
        int network = version6 ? 40 : 20;
        int transport = protocol == Tcp ? 20 : 8;
        byte[] frame = new byte[14 + network + transport + data.Length];
        (fromGuest ? OtherMac : GuestMac).CopyTo(frame, 0);
        (fromGuest ? GuestMac : OtherMac).CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), version6 ? (ushort)0x86dd : (ushort)0x0800);
        Span<byte> ip = frame.AsSpan(14);
        if (version6)
            Version6(ip, protocol, transport + data.Length);
        else
            Version4(ip, protocol, frame.Length - 14);
        Span<byte> segment = ip[network..];
        BinaryPrimitives.WriteUInt16BigEndian(segment, 4000);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], 5000);
        if (protocol == Tcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(segment[4..], 1000); // sequence
            segment[12] = 5 << 4;
            segment[13] = 0x10; // ACK
            BinaryPrimitives.WriteUInt16BigEndian(segment[14..], 0xffff);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)segment.Length);
        }

        data.CopyTo(segment[transport..]);
        int field = protocol == Tcp ? 16 : 6;
        uint pseudo = PseudoSum(ip, segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment[field..], Fold(pseudo));
        if (!isBlank)
            BinaryPrimitives.WriteUInt16BigEndian(segment[field..], (ushort)~Fold(Sum(segment)));
        return frame;
    }

    /// <summary>The data of a frame, once its checksums have been found right.</summary>
    internal static byte[] CheckedData(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> ip = frame[14..];
        bool version6 = ip[0] >> 4 == 6;
        int network = version6 ? 40 : 20;
        int length = version6 ? BinaryPrimitives.ReadUInt16BigEndian(ip[4..]) : BinaryPrimitives.ReadUInt16BigEndian(ip[2..]) - 20;
        ReadOnlySpan<byte> segment = ip.Slice(network, length);
        byte protocol = version6 ? ip[6] : ip[9];
        if (!version6)
            Fold(Sum(ip[..20])).Should().Be(0xffff, "the header's checksum is right");
        Fold(PseudoSum(ip, length) + Sum(segment)).Should().Be(0xffff, "the checksum is right");
        return segment[(protocol == Tcp ? 20 : 8)..].ToArray();
    }

    /// <summary>Bytes that differ from place to place.</summary>
    internal static byte[] Data(int length) => [.. Enumerable.Range(0, length).Select(static index => (byte)(index * 7 + index / 251))];

    /// <summary>What a tap is told of a frame whose checksum is blank, or that is to be cut.</summary>
    internal static VirtioHeader Unfinished(bool version6, byte protocol, ushort segment = 0) => new()
    {
        Flags = VirtioHeader.NeedsChecksum,
        ChecksumStart = (ushort)(version6 ? 54 : 34),
        ChecksumOffset = (ushort)(protocol == Tcp ? 16 : 6),
        SegmentType = segment == 0 ? VirtioHeader.NoSegments : version6 ? VirtioHeader.Tcp6 : VirtioHeader.Tcp4,
        SegmentSize = segment,
        HeaderLength = (ushort)(segment == 0 ? 0 : version6 ? 74 : 54),
    };

    private static void Version4(Span<byte> ip, byte protocol, int length)
    {
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
        ip[6] = 0x40; // not to be fragmented
        ip[8] = 64;
        ip[9] = protocol;
        IPAddress.Parse("10.9.0.1").TryWriteBytes(ip[12..], out _);
        IPAddress.Parse("10.9.0.2").TryWriteBytes(ip[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~Fold(Sum(ip[..20])));
    }

    private static void Version6(Span<byte> ip, byte protocol, int length)
    {
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)length);
        ip[6] = protocol;
        ip[7] = 64;
        IPAddress.Parse("fd00::1").TryWriteBytes(ip[8..], out _);
        IPAddress.Parse("fd00::2").TryWriteBytes(ip[24..], out _);
    }

    private static uint PseudoSum(ReadOnlySpan<byte> ip, int length)
    {
        bool version6 = ip[0] >> 4 == 6;
        return Sum(version6 ? ip.Slice(8, 32) : ip.Slice(12, 8)) + (version6 ? ip[6] : ip[9]) + (uint)length;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int index = 0; index < bytes.Length; index++)
            sum += index % 2 == 0 ? (uint)bytes[index] << 8 : bytes[index];
        return sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)sum;
    }
}
