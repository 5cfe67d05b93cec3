using System.Text;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests.Support;

internal sealed record WireMessage(MessageHeader Header, byte[] Payload)
{
    public string Text => Encoding.Latin1.GetString(Payload);

    /// <summary>The payload's strings, without their NULs.</summary>
    public string[] Texts => Text.Split('\0')[..^1];

    /// <summary>An error's name; empty for any other message.</summary>
    public string Error => Header.Type == MessageType.Error ? Text.TrimEnd('\0') : "";
}
