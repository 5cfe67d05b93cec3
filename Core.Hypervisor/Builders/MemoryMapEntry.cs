using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders;

/// <summary>A range of guest addresses and what it is.</summary>
/// <param name="Start">First address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Type">What it is.</param>
public readonly record struct MemoryMapEntry(GuestPhysical Start, ulong Size, MemoryMapType Type);
