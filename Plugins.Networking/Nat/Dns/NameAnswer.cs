using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Hospes.Networking.Nat.Dns;

/// <summary>Answers put together by ourselves (RFC 1035, section 4).</summary>
internal static class NameAnswer
{
    internal const int NoError = 0;
    internal const int ServerFailure = 2;
    internal const int NoSuchName = 3;

    private const uint Lifetime = 10; // guests come and go
    private const ushort NameOfQuestion = 0xc00c;

    /// <summary>Addresses, or none; with the code that says why.</summary>
    internal static byte[] Addresses(ReadOnlySpan<byte> query, NameQuestion question, int code, ReadOnlySpan<IPAddress> addresses)
    {
        byte[] answer = new byte[question.End + addresses.Length * 16];
        Head(query, question, answer, code, addresses.Length);
        int at = question.End;
        foreach (IPAddress address in addresses)
        {
            at = Record(answer, at, NameQuestion.TypeA, 4);
            address.TryWriteBytes(answer.AsSpan(at), out int written);
            at += written;
        }

        return answer;
    }

    /// <summary>A name.</summary>
    internal static byte[] Pointer(ReadOnlySpan<byte> query, NameQuestion question, string name)
    {
        byte[] answer = new byte[question.End + 12 + name.Length + 2];
        Head(query, question, answer, NoError, 1);
        int at = Record(answer, question.End, NameQuestion.TypePointer, (ushort)(name.Length + 2));
        foreach (string label in name.Split('.'))
        {
            answer[at] = (byte)label.Length;
            Encoding.ASCII.GetBytes(label, answer.AsSpan(at + 1));
            at += 1 + label.Length;
        }

        return answer;
    }

    private static void Head(ReadOnlySpan<byte> query, NameQuestion question, Span<byte> answer, int code, int records)
    {
        query[..question.End].CopyTo(answer);
        answer[2] = (byte)(0x84 | query[2] & 1); // an answer, of the one who knows; recursion as asked
        answer[3] = (byte)(0x80 | code);
        BinaryPrimitives.WriteUInt16BigEndian(answer[6..], (ushort)records);
        answer[8..NameQuestion.HeaderSize].Clear();
    }

    private static int Record(Span<byte> answer, int at, ushort type, ushort length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(answer[at..], NameOfQuestion);
        BinaryPrimitives.WriteUInt16BigEndian(answer[(at + 2)..], type);
        BinaryPrimitives.WriteUInt16BigEndian(answer[(at + 4)..], NameQuestion.ClassInternet);
        BinaryPrimitives.WriteUInt32BigEndian(answer[(at + 6)..], Lifetime);
        BinaryPrimitives.WriteUInt16BigEndian(answer[(at + 10)..], length);
        return at + 12;
    }
}
