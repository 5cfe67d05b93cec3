using System.Buffers.Binary;

namespace Hospes.Host.Xenstore.Wire;

/// <summary>
/// What precedes every payload: four little-endian words. A client asks for the value of <c>name</c> (type 2, request 7, no transaction, 5 bytes
/// with the NUL), and is answered <c>demo</c>:
/// <code>
/// 02000000 07000000 00000000 05000000  6e 61 6d 65 00
/// 02000000 07000000 00000000 04000000  64 65 6d 6f
/// </code>
/// Source: fact sheet "Guest ABI", section 10.
/// </summary>
/// <param name="Type">Request type; a reply carries its request's, or ERROR.</param>
/// <param name="RequestId">Chosen by the client, returned unchanged; 0 in events.</param>
/// <param name="TransactionId">0 for none.</param>
/// <param name="Length">Bytes of payload that follow.</param>
internal readonly record struct MessageHeader(MessageType Type, uint RequestId, uint TransactionId, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 16;

    /// <summary>Most bytes a payload may have, in either direction.</summary>
    public const int MaximumPayload = 4096;

    public static MessageHeader Read(ReadOnlySpan<byte> bytes) => new(
        (MessageType)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Type);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], RequestId);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], TransactionId);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Length);
    }
}
