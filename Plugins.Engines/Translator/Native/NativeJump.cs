using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// An entry of emitted code's jump cache: where the code for a linear address is, while the key is the same. Entries are asked in pairs: that of the address
/// first, then its neighbour (their numbers differ in the last bit).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeJump
{
    internal const int Count = 1 << Bits;

    internal ulong Linear;
    internal ulong Key;
    internal nint Code;

    /// <summary>The page that the code was made from.</summary>
    internal ulong Page;

    // A product with a number that has no pattern spreads places well (Knuth, The Art of Computer Programming, volume 3, section 6.4).
    internal const uint Factor = 0x9e37_79b1;

    internal const int Bits = 14;

    /// <summary>Puts an entry into its place. What was there goes to the neighbour's, unless that is in use.</summary>
    /// <param name="jumps">The cache.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="displace">Even if it is: true now and then, so that two that are in use push one out that is not any more.</param>
    internal static unsafe void Add(NativeJump* jumps, in NativeJump entry, bool displace)
    {
        int index = Index(entry.Linear);
        NativeJump* neighbour = jumps + (index ^ 1);
        bool isInUse = Index(neighbour->Linear) == (index ^ 1) && (neighbour->Key == entry.Key || (neighbour->Linear ^ entry.Linear) >> 63 != 0);
        if (jumps[index].Linear != entry.Linear && (!isInUse || displace))
            *neighbour = jumps[index];
        jumps[index] = entry;
    }

    /// <summary>An address's place; emitted code computes it too.</summary>
    internal static int Index(ulong linear) => (int)(((uint)linear * Factor) >> (32 - Bits));
}
