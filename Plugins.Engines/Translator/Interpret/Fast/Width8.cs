using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>8-bit operands.</summary>
internal readonly unsafe struct Width8 : IWidth
{
    public static int Bytes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extend(ulong value) => (ulong)(sbyte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(byte* from) => (ulong)Unsafe.ReadUnaligned<sbyte>(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* to, ulong value) => Unsafe.WriteUnaligned(to, (byte)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* register, ulong value) => *(byte*)register = (byte)value;
}
