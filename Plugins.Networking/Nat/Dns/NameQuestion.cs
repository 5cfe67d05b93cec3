using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Hospes.Networking.Nat.Dns;

/// <summary>A question to a name server (RFC 1035, section 4): the header's number, one name, a type, a class.</summary>
/// <example><c>1a 2b 01 00 00 01 00 00 00 00 00 00 | 04 d e m o 00 | 00 01 | 00 01</c>: question 1a2b, recursion wanted, A of "demo", Internet.</example>
internal readonly record struct NameQuestion
{
    /// <summary>Bytes of a message's header.</summary>
    internal const int HeaderSize = 12;

    internal const ushort TypeA = 1;
    internal const ushort TypePointer = 12;
    internal const ushort ClassInternet = 1;

    private const int LongestName = 255;

    /// <summary>The name, without the dot at its end.</summary>
    internal string Name { get; private init; }

    /// <summary>What is asked of it.</summary>
    internal ushort Type { get; private init; }

    /// <summary>Internet, as a rule.</summary>
    internal ushort Class { get; private init; }

    /// <summary>Where the question ends in the message.</summary>
    internal int End { get; private init; }

    /// <summary>Reads a message. False: it is not one question.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, out NameQuestion question)
    {
        question = default;
        if (message.Length < HeaderSize || (message[2] & 0xf8) != 0 // an answer, or another operation than a query
            || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
            return false;
        StringBuilder name = new();
        int at = HeaderSize;
        while (true)
        {
            if (at >= message.Length)
                return false;
            int length = message[at++];
            if (length == 0)
                break;
            if (length > 63 || at + length > message.Length || name.Length + length > LongestName)
                return false; // also the pointers that a question has no use for
            if (name.Length != 0)
                name.Append('.');
            name.Append(Encoding.Latin1.GetString(message.Slice(at, length)));
            at += length;
        }

        if (at + 4 > message.Length)
            return false;
        question = new NameQuestion
        {
            Name = name.ToString(),
            Type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]),
            Class = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]),
            End = at + 4,
        };
        return true;
    }

    /// <summary>The address whose name is asked for (<c>1.1.0.10.in-addr.arpa</c>), or null.</summary>
    internal IPAddress? ReverseAddress()
    {
        const string zone = ".in-addr.arpa";
        if (Type != TypePointer || !Name.EndsWith(zone, StringComparison.OrdinalIgnoreCase))
            return null;
        string[] parts = Name[..^zone.Length].Split('.');
        Array.Reverse(parts);
        return parts.Length == 4 && IPAddress.TryParse(string.Join('.', parts), out IPAddress? address) ? address : null;
    }
}
