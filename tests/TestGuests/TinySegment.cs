namespace Hospes.TestGuests;

/// <summary>A further part of a test kernel.</summary>
/// <param name="Address">Where it is loaded; above 4 GiB only in an ELF64 file.</param>
/// <param name="Bytes">What is there.</param>
/// <param name="MemorySize">Bytes it occupies; null for as many as there are.</param>
public sealed record TinySegment(ulong Address, byte[] Bytes, ulong? MemorySize = null);
