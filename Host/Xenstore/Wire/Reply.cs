using System.Text;

namespace Hospes.Host.Xenstore.Wire;

/// <summary>The answer to one request: a payload, or an error's name.</summary>
internal readonly record struct Reply
{
    private Reply(XenstoreError error, byte[] payload)
    {
        Error = error;
        Payload = payload;
    }

    public static Reply Ok { get; } = new(XenstoreError.None, "OK\0"u8.ToArray());

    public XenstoreError Error { get; }

    public byte[] Payload { get; }

    public static Reply Of(byte[] payload) =>
        payload.Length > MessageHeader.MaximumPayload ? XenstoreError.E2BIG : new Reply(XenstoreError.None, payload);

    /// <summary>A string and its NUL.</summary>
    public static Reply OfText(string text) => Of(Encoding.Latin1.GetBytes(text + '\0'));

    /// <summary>Strings, each with its NUL.</summary>
    public static Reply OfTexts(IEnumerable<string> texts) => Of(Encoding.Latin1.GetBytes(string.Concat(texts.Select(static t => t + '\0'))));

    /// <summary>OK, or the error if there is one.</summary>
    public static implicit operator Reply(XenstoreError error) =>
        error == XenstoreError.None ? Ok : new Reply(error, Encoding.ASCII.GetBytes(error + "\0"));

    public MessageHeader HeaderFor(MessageHeader request) => request with
    {
        Type = Error == XenstoreError.None ? request.Type : MessageType.Error,
        Length = (uint)Payload.Length,
    };
}
