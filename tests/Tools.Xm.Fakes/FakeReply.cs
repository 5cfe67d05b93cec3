using System.Text;

namespace Hospes.Xm.Fakes;

/// <summary>What the fake xend answers; <paramref name="Raw"/> replaces the whole reply.</summary>
internal sealed record FakeReply(int Status, string Body, string? Raw = null)
{
    public byte[] Bytes()
    {
        byte[] body = Encoding.UTF8.GetBytes(Body);
        return Raw is not null
            ? Encoding.UTF8.GetBytes(Raw)
            : [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
    }
}
