using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Shifts. The count is the low 64 bits of the source, or an immediate in its place.</summary>
internal static unsafe class PackedShifts
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Psllw_xmm_imm8, &XmmHandlers.Shift<ShiftLeftWords>);
        table.Set(Code.Pslld_xmm_imm8, &XmmHandlers.Shift<ShiftLeftDoublewords>);
        table.Set(Code.Psllq_xmm_imm8, &XmmHandlers.Shift<ShiftLeftQuadwords>);
        table.Set(Code.Psrlw_xmm_imm8, &XmmHandlers.Shift<ShiftRightWords>);
        table.Set(Code.Psrld_xmm_imm8, &XmmHandlers.Shift<ShiftRightDoublewords>);
        table.Set(Code.Psrlq_xmm_imm8, &XmmHandlers.Shift<ShiftRightQuadwords>);
        table.Set(Code.Psraw_xmm_imm8, &XmmHandlers.Shift<ShiftRightSignedWords>);
        table.Set(Code.Psrad_xmm_imm8, &XmmHandlers.Shift<ShiftRightSignedDoublewords>);
        table.Set(Code.Psllw_mm_imm8, &MmHandlers.Shift<ShiftLeftWords>);
        table.Set(Code.Pslld_mm_imm8, &MmHandlers.Shift<ShiftLeftDoublewords>);
        table.Set(Code.Psllq_mm_imm8, &MmHandlers.Shift<ShiftLeftQuadwords>);
        table.Set(Code.Psrlw_mm_imm8, &MmHandlers.Shift<ShiftRightWords>);
        table.Set(Code.Psrld_mm_imm8, &MmHandlers.Shift<ShiftRightDoublewords>);
        table.Set(Code.Psrlq_mm_imm8, &MmHandlers.Shift<ShiftRightQuadwords>);
        table.Set(Code.Psraw_mm_imm8, &MmHandlers.Shift<ShiftRightSignedWords>);
        table.Set(Code.Psrad_mm_imm8, &MmHandlers.Shift<ShiftRightSignedDoublewords>);
        table.Set(Code.Pslldq_xmm_imm8, &XmmHandlers.Shift<ShiftLeftWhole>);
        table.Set(Code.Psrldq_xmm_imm8, &XmmHandlers.Shift<ShiftRightWhole>);
        table.Set(Code.Psllw_xmm_xmmm128, &XmmHandlers.Binary<ShiftLeftWords>);
        table.Set(Code.Pslld_xmm_xmmm128, &XmmHandlers.Binary<ShiftLeftDoublewords>);
        table.Set(Code.Psllq_xmm_xmmm128, &XmmHandlers.Binary<ShiftLeftQuadwords>);
        table.Set(Code.Psrlw_xmm_xmmm128, &XmmHandlers.Binary<ShiftRightWords>);
        table.Set(Code.Psrld_xmm_xmmm128, &XmmHandlers.Binary<ShiftRightDoublewords>);
        table.Set(Code.Psrlq_xmm_xmmm128, &XmmHandlers.Binary<ShiftRightQuadwords>);
        table.Set(Code.Psraw_xmm_xmmm128, &XmmHandlers.Binary<ShiftRightSignedWords>);
        table.Set(Code.Psrad_xmm_xmmm128, &XmmHandlers.Binary<ShiftRightSignedDoublewords>);

        table.Set(Code.Psllw_mm_mmm64, &MmHandlers.Binary<ShiftLeftWords>);
        table.Set(Code.Pslld_mm_mmm64, &MmHandlers.Binary<ShiftLeftDoublewords>);
        table.Set(Code.Psllq_mm_mmm64, &MmHandlers.Binary<ShiftLeftQuadwords>);
        table.Set(Code.Psrlw_mm_mmm64, &MmHandlers.Binary<ShiftRightWords>);
        table.Set(Code.Psrld_mm_mmm64, &MmHandlers.Binary<ShiftRightDoublewords>);
        table.Set(Code.Psrlq_mm_mmm64, &MmHandlers.Binary<ShiftRightQuadwords>);
        table.Set(Code.Psraw_mm_mmm64, &MmHandlers.Binary<ShiftRightSignedWords>);
        table.Set(Code.Psrad_mm_mmm64, &MmHandlers.Binary<ShiftRightSignedDoublewords>);
    }

    internal readonly struct ShiftLeftWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftLeftLogical(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct ShiftLeftDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftLeftLogical(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct ShiftLeftQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftLeftLogical(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct ShiftRightWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftRightLogical(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct ShiftRightDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftRightLogical(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct ShiftRightQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftRightLogical(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct ShiftRightSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftRightArithmetic(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct ShiftRightSignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.ShiftRightArithmetic(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    /// <summary>PSLLDQ: by bytes, as a shuffle whose negative indices give zero.</summary>
    internal readonly struct ShiftLeftWhole : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Shuffle(destination, Vector128<byte>.Indices - Vector128.Create(Math.Min(source.ToScalar(), (byte)16)));
    }

    /// <summary>PSRLDQ: indices past the end are pushed over 0x80, which gives zero.</summary>
    internal readonly struct ShiftRightWhole : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Shuffle(destination, Vector128<byte>.Indices + Vector128.Create((byte)(0x70 + Math.Min(source.ToScalar(), (byte)16))));
    }
}
