using System.Buffers.Binary;

namespace Hospes.Hypervisor.Backends;

/// <summary>The header of a xenstore message (fact sheet "Guest ABI", section 10): u32 type, req_id, tx_id, length of the payload.</summary>
internal readonly record struct XenstoreMessage(uint Type, uint RequestId, uint TransactionId, uint Length)
{
    internal const int HeaderSize = 16;
    internal const int LargestPayload = 4096;

    internal const uint Watch = 4;
    internal const uint Unwatch = 5;
    internal const uint WatchEvent = 15;
    internal const uint Error = 16;
    internal const uint ResetWatches = 21;

    internal static XenstoreMessage Read(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]), BinaryPrimitives.ReadUInt32LittleEndian(header[12..]));
}
