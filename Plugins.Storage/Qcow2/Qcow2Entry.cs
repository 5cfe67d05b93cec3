namespace Hospes.Storage.Qcow2;

/// <summary>Bits of L1 and L2 entries (the format's description, "Cluster mapping").</summary>
internal static class Qcow2Entry
{
    /// <summary>Used exactly once: may be written in place.</summary>
    public const ulong Copied = 1UL << 63;

    /// <summary>L2: compressed.</summary>
    public const ulong Compressed = 1UL << 62;

    /// <summary>L2, version 3: reads as zeroes, whatever the cluster holds.</summary>
    public const ulong Zero = 1;

    /// <summary>The cluster's place in the file.</summary>
    public const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;

    /// <summary>The place as a number; 0: none.</summary>
    public static long Offset(ulong entry) => (long)(entry & OffsetMask);

    /// <summary>A compressed cluster's first byte, and how many bytes its sectors hold from there.</summary>
    public static (long Offset, int Length) CompressedPlace(ulong entry, int clusterBits)
    {
        int bits = 62 - (clusterBits - 8);
        long offset = (long)(entry & ((1UL << bits) - 1));
        int sectors = (int)((entry & ~(Copied | Compressed)) >> bits) + 1;
        return (offset, (sectors * 512) - (int)(offset & 511));
    }
}
