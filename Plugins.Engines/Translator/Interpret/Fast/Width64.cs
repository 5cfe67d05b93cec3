using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>64-bit operands.</summary>
internal readonly unsafe struct Width64 : IWidth
{
    public static int Bytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extend(ulong value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(byte* from) => Unsafe.ReadUnaligned<ulong>(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* to, ulong value) => Unsafe.WriteUnaligned(to, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* register, ulong value) => *register = value;
}
