using System.Buffers.Text;
using System.Text;

namespace Hospes.Xm.Api;

/// <summary>A complete HTTP/1.1 reply, taken apart (RFC 9112).</summary>
internal sealed record HttpReply(int Status, string Reason, byte[] Body)
{
    private const string NoStatus = "Invalid or missing HTTP status code.";

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Reads everything that came until the server closed the connection.</summary>
    /// <exception cref="MalformedReplyException">It is not a whole HTTP reply.</exception>
    public static HttpReply Parse(ReadOnlySpan<byte> received)
    {
        int headEnd = received.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0 || !received.StartsWith("HTTP/1."u8))
            throw new MalformedReplyException(NoStatus);
        ReadOnlySpan<byte> head = received[..headEnd];
        ReadOnlySpan<byte> body = received[(headEnd + 4)..];
        int lineEnd = head.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> statusLine = lineEnd < 0 ? head : head[..lineEnd];
        if (statusLine.Length < 12 || !Utf8Parser.TryParse(statusLine[9..12], out int status, out int digits) || digits != 3)
            throw new MalformedReplyException(NoStatus);
        string reason = statusLine.Length > 13 ? Encoding.Latin1.GetString(statusLine[13..]) : "";
        return new HttpReply(status, reason, ReadBody(head, body, status));
    }

    private static byte[] ReadBody(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int status)
    {
        if (Header(head, "transfer-encoding") is { } encoding && encoding.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            return Unchunk(body, status);
        if (Header(head, "content-length") is not { } text)
            return body.ToArray();
        if (!int.TryParse(text, out int length) || length < 0 || length > body.Length)
            throw Truncated(status);
        return body[..length].ToArray();
    }

    private static byte[] Unchunk(ReadOnlySpan<byte> body, int status)
    {
        MemoryStream whole = new();
        while (true)
        {
            int lineEnd = body.IndexOf("\r\n"u8);
            if (lineEnd <= 0 || !Utf8Parser.TryParse(body[..lineEnd], out int size, out _, 'x') || size < 0)
                throw Truncated(status);
            body = body[(lineEnd + 2)..];
            if (size == 0)
                return whole.ToArray();
            if (body.Length < size + 2)
                throw Truncated(status);
            whole.Write(body[..size]);
            body = body[(size + 2)..];
        }
    }

    private static MalformedReplyException Truncated(int status) => new($"ProtocolError({status}, the reply ends too early).");

    private static string? Header(ReadOnlySpan<byte> head, string name)
    {
        foreach (string line in Encoding.Latin1.GetString(head).Split("\r\n"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase))
                return line[(colon + 1)..].Trim();
        }

        return null;
    }
}
