namespace Hospes.Sdk;

/// <summary>A linear (virtual) address of a guest, after segmentation and before paging.</summary>
/// <param name="Address">The address; canonical in long mode.</param>
public readonly record struct GuestLinear(ulong Address)
{
    /// <summary>Hexadecimal, with 0x.</summary>
    public override string ToString() => $"0x{Address:x}";
}
