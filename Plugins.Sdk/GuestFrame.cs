namespace Hospes.Sdk;

/// <summary>The number of a 4 KiB frame in a guest's physical address space (Xen: gfn).</summary>
/// <param name="Number">Address divided by 4096.</param>
public readonly record struct GuestFrame(ulong Number)
{
    /// <summary>The address of the frame's first byte.</summary>
    public GuestPhysical Start => new(Number << 12);

    /// <summary>Hexadecimal, with 0x.</summary>
    public override string ToString() => $"0x{Number:x}";
}
