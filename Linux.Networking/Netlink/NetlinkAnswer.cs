namespace Hospes.Linux.Networking.Netlink;

/// <summary>Takes one message of an answer.</summary>
internal delegate void NetlinkAnswer(MessageType type, ReadOnlySpan<byte> body);
