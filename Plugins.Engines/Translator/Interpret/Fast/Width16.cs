using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>16-bit operands.</summary>
internal readonly unsafe struct Width16 : IWidth
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extend(ulong value) => (ulong)(short)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(byte* from) => (ulong)Unsafe.ReadUnaligned<short>(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* to, ulong value) => Unsafe.WriteUnaligned(to, (ushort)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* register, ulong value) => *(ushort*)register = (ushort)value;
}
