using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders;

/// <summary>A part of a kernel that goes into guest memory as it is.</summary>
/// <param name="Address">Where it goes (<c>p_paddr</c>).</param>
/// <param name="MemorySize">Bytes it occupies there.</param>
/// <param name="FileOffset">Where its bytes are in the decompressed image.</param>
/// <param name="FileSize">How many bytes it has there; the rest of <paramref name="MemorySize"/> is zero.</param>
public readonly record struct KernelSegment(GuestPhysical Address, ulong MemorySize, long FileOffset, ulong FileSize)
{
    /// <summary>The address after its last byte.</summary>
    public GuestPhysical End => new(Address.Address + MemorySize);
}
