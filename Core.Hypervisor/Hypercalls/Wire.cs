using System.Buffers.Binary;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>Fields of hypercall structures: little-endian, at byte offsets.</summary>
internal static class Wire
{
    internal static ushort U16(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);

    internal static uint U32(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    internal static ulong U64(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);

    /// <summary>A word of the guest's own width: an unsigned long or a pointer.</summary>
    internal static ulong Word(ReadOnlySpan<byte> data, int offset, bool is64Bit) => is64Bit ? U64(data, offset) : U32(data, offset);

    internal static void U16(Span<byte> data, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(data[offset..], value);

    internal static void U32(Span<byte> data, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data[offset..], value);

    internal static void U64(Span<byte> data, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(data[offset..], value);

    /// <summary>Writes a word of the guest's own width.</summary>
    internal static void Word(Span<byte> data, int offset, bool is64Bit, ulong value)
    {
        if (is64Bit)
            U64(data, offset, value);
        else
            U32(data, offset, (uint)value);
    }
}
