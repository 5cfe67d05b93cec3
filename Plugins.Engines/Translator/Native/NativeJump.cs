using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>An entry of emitted code's jump cache: where the code for a linear address is, while the key is the same.</summary>
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

    /// <summary>An address's place; emitted code computes it too.</summary>
    internal static int Index(ulong linear) => (int)(((uint)linear * Factor) >> (32 - Bits));
}
