namespace Hospes.Sdk.Engines;

/// <summary>A segment register with its hidden part.</summary>
/// <param name="Selector">Visible selector.</param>
/// <param name="Base">Base address; 64 bits wide only for FS, GS, TR and LDTR.</param>
/// <param name="Limit">Limit in bytes, after granularity.</param>
/// <param name="Attributes">
/// Descriptor attributes as in bits 8-15 and 20-23 of its high word, packed into 12+4 bits (type 0-3, S 4, DPL 5-6, P 7, AVL 8, L 9, D/B 10, G 11),
/// e.g. 0xa9b 64-bit code, 0xc93 flat data, 0x8b busy TSS. Zero: unusable.
/// </param>
public readonly record struct SegmentState(ushort Selector, ulong Base, uint Limit, ushort Attributes);
