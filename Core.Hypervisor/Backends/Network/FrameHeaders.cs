using System.Buffers.Binary;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>Where the headers of an Ethernet frame are, as far as checksums and segmentation need it: IPv4 or IPv6, with TCP or UDP inside.</summary>
/// <example>
/// A TCP segment over IPv4: 14 bytes Ethernet (type 0800), 20 bytes IP (protocol 6), 20 or more TCP; Transport is 34, the checksum stands 16 bytes after it.
/// </example>
internal readonly struct FrameHeaders
{
    /// <summary>Bytes of a frame that hold all headers: Ethernet with two tags, IPv4 with options or IPv6 with some extensions, TCP with options.</summary>
    internal const int MaximumLength = 256;

    /// <summary>Bytes of an Ethernet header.</summary>
    internal const int Ethernet = 14;

    private const ushort Version4 = 0x0800, Version6 = 0x86dd, Tag = 0x8100, OuterTag = 0x88a8;
    private const byte Tcp = 6, Udp = 17, HopByHop = 0, Routing = 43, Destination = 60;
    private const int TcpChecksum = 16, UdpChecksum = 6;

    private readonly int _network;
    private readonly byte _protocol;

    private FrameHeaders(int network, int transport, int end, byte protocol, bool isVersion6, int length)
    {
        _network = network;
        End = end;
        Transport = transport;
        _protocol = protocol;
        IsVersion6 = isVersion6;
        Length = length;
    }

    /// <summary>Whether the packet is of IPv6.</summary>
    internal bool IsVersion6 { get; }

    /// <summary>Where the header of TCP or UDP begins.</summary>
    internal int Transport { get; }

    /// <summary>Where the data begins.</summary>
    internal int Length { get; }

    /// <summary>Where the packet ends, by its own words: a short frame is filled up behind it.</summary>
    internal int End { get; }

    /// <summary>Whether it is TCP.</summary>
    internal bool IsTcp => _protocol == Tcp;

    /// <summary>How far the checksum stands behind <see cref="Transport"/>.</summary>
    internal int ChecksumOffset => IsTcp ? TcpChecksum : UdpChecksum;

    /// <summary>Reads the start of a frame. False: no TCP or UDP, a fragment of it, or headers that contradict each other.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> frame, out FrameHeaders headers)
    {
        headers = default;
        if (frame.Length < Ethernet)
            return false;
        int at = Ethernet;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        for (int tags = 0; type is Tag or OuterTag && tags < 2; tags++)
        {
            if (frame.Length < at + 4)
                return false;
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 2)..]);
            at += 4;
        }

        return type switch
        {
            Version4 => TryRead4(frame, at, out headers),
            Version6 => TryRead6(frame, at, out headers),
            _ => false,
        };
    }

    /// <summary>The sum over the pseudo-header (RFC 793, RFC 8200 section 8.1), with which a checksum that is left to others begins.</summary>
    /// <remarks>It has the length of the whole, also for a packet that is to be cut: whoever cuts it counts from there.</remarks>
    internal ushort PseudoSum(ReadOnlySpan<byte> frame)
    {
        int length = End - Transport;
        ReadOnlySpan<byte> addresses = IsVersion6 ? frame.Slice(_network + 8, 32) : frame.Slice(_network + 12, 8);
        uint sum = Checksum.Add((uint)_protocol, addresses);
        return Checksum.Fold(sum + (uint)(length & 0xffff) + (uint)(length >> 16));
    }

    private static bool TryRead4(ReadOnlySpan<byte> frame, int at, out FrameHeaders headers)
    {
        headers = default;
        if (frame.Length < at + 20 || frame[at] >> 4 != 4)
            return false;
        int length = (frame[at] & 15) * 4;
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 6)..]) & 0x3fff) != 0;
        return length >= 20 && !isFragment && TryReadTransport(
            frame, at, at + length, at + BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 2)..]), frame[at + 9], isVersion6: false, out headers);
    }

    private static bool TryRead6(ReadOnlySpan<byte> frame, int at, out FrameHeaders headers)
    {
        headers = default;
        if (frame.Length < at + 40 || frame[at] >> 4 != 6)
            return false;
        byte next = frame[at + 6];
        int transport = at + 40;
        while (next is HopByHop or Routing or Destination)
        {
            if (frame.Length < transport + 8)
                return false;
            next = frame[transport];
            transport += (frame[transport + 1] + 1) * 8;
        }

        int end = at + 40 + BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 4)..]);
        return TryReadTransport(frame, at, transport, end, next, isVersion6: true, out headers);
    }

    private static bool TryReadTransport(
        ReadOnlySpan<byte> frame, int network, int transport, int end, byte protocol, bool isVersion6, out FrameHeaders headers)
    {
        headers = default;
        int least = protocol switch { Tcp => 20, Udp => 8, _ => 0 };
        if (least == 0 || frame.Length < transport + least)
            return false;
        int length = protocol == Tcp ? (frame[transport + 12] >> 4) * 4 : least;
        if (length < least || frame.Length < transport + length || end < transport + length)
            return false;
        headers = new FrameHeaders(network, transport, end, protocol, isVersion6, transport + length);
        return true;
    }
}
