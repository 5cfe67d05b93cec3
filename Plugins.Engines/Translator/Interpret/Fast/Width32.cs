using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>32-bit operands.</summary>
internal readonly unsafe struct Width32 : IWidth
{
    public static int Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extend(ulong value) => (ulong)(int)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(byte* from) => (ulong)Unsafe.ReadUnaligned<int>(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* to, ulong value) => Unsafe.WriteUnaligned(to, (uint)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* register, ulong value) => *register = (uint)value;
}
