namespace Hospes.Sdk;

/// <summary>An address in a guest's physical address space.</summary>
/// <param name="Address">Bytes from 0.</param>
public readonly record struct GuestPhysical(ulong Address)
{
    /// <summary>The 4 KiB frame this address lies in.</summary>
    public GuestFrame Frame => new(Address >> 12);

    /// <summary>Bytes from the start of its frame, 0 to 4095.</summary>
    public int OffsetInFrame => (int)(Address & 0xfff);

    /// <summary>Hexadecimal, with 0x.</summary>
    public override string ToString() => $"0x{Address:x}";
}
