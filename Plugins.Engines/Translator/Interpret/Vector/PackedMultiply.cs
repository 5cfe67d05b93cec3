using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Integer multiplication, sums of products, and sums across elements.</summary>
internal static unsafe class PackedMultiply
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pmullw_xmm_xmmm128, &XmmHandlers.Binary<MultiplyLowWords>);
        table.Set(Code.Pmulhw_xmm_xmmm128, &XmmHandlers.Binary<MultiplyHighSignedWords>);
        table.Set(Code.Pmulhuw_xmm_xmmm128, &XmmHandlers.Binary<MultiplyHighUnsignedWords>);
        table.Set(Code.Pmulhrsw_xmm_xmmm128, &XmmHandlers.Binary<MultiplyHighRounded>);
        table.Set(Code.Pmaddwd_xmm_xmmm128, &XmmHandlers.Binary<MultiplyAddWords>);
        table.Set(Code.Pmaddubsw_xmm_xmmm128, &XmmHandlers.Binary<MultiplyAddBytes>);
        table.Set(Code.Pmuludq_xmm_xmmm128, &XmmHandlers.Binary<MultiplyUnsignedDoublewords>);
        table.Set(Code.Pmuldq_xmm_xmmm128, &XmmHandlers.Binary<MultiplySignedDoublewords>);
        table.Set(Code.Pmulld_xmm_xmmm128, &XmmHandlers.Binary<MultiplyLowDoublewords>);
        table.Set(Code.Psadbw_xmm_xmmm128, &XmmHandlers.Binary<SumOfDifferences>);
        table.Set(Code.Phminposuw_xmm_xmmm128, &XmmHandlers.Binary<MinimumPosition>);
        table.Set(Code.Phaddw_xmm_xmmm128, &XmmHandlers.Binary<HorizontalAddWords>);
        table.Set(Code.Phaddd_xmm_xmmm128, &XmmHandlers.Binary<HorizontalAddDoublewords>);
        table.Set(Code.Phaddsw_xmm_xmmm128, &XmmHandlers.Binary<HorizontalAddSaturating>);
        table.Set(Code.Phsubw_xmm_xmmm128, &XmmHandlers.Binary<HorizontalSubtractWords>);
        table.Set(Code.Phsubd_xmm_xmmm128, &XmmHandlers.Binary<HorizontalSubtractDoublewords>);
        table.Set(Code.Phsubsw_xmm_xmmm128, &XmmHandlers.Binary<HorizontalSubtractSaturating>);

        table.Set(Code.Pmullw_mm_mmm64, &MmHandlers.Binary<MultiplyLowWords>);
        table.Set(Code.Pmulhw_mm_mmm64, &MmHandlers.Binary<MultiplyHighSignedWords>);
        table.Set(Code.Pmulhuw_mm_mmm64, &MmHandlers.Binary<MultiplyHighUnsignedWords>);
        table.Set(Code.Pmulhrsw_mm_mmm64, &MmHandlers.Binary<MultiplyHighRounded>);
        table.Set(Code.Pmaddwd_mm_mmm64, &MmHandlers.Binary<MultiplyAddWords>);
        table.Set(Code.Pmaddubsw_mm_mmm64, &MmHandlers.Binary<MultiplyAddBytes>);
        table.Set(Code.Pmuludq_mm_mmm64, &MmHandlers.Binary<MultiplyUnsignedDoublewords>);
        table.Set(Code.Psadbw_mm_mmm64, &MmHandlers.Binary<SumOfDifferences>);
    }

    internal readonly struct MultiplyLowWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.MultiplyLow(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MultiplyHighSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.MultiplyHigh(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MultiplyHighUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.MultiplyHigh(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct MultiplyHighRounded : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.MultiplyHighRoundScale(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MultiplyAddWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.MultiplyAddAdjacent(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MultiplyAddBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.MultiplyAddAdjacent(destination, source.AsSByte()).AsByte();
    }

    internal readonly struct MultiplyUnsignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Multiply(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct MultiplySignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Multiply(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct MultiplyLowDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.MultiplyLow(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct SumOfDifferences : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.SumAbsoluteDifferences(destination, source).AsByte();
    }

    internal readonly struct MinimumPosition : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.MinHorizontal(source.AsUInt16()).AsByte();
    }

    internal readonly struct HorizontalAddWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalAdd(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct HorizontalAddDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalAdd(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct HorizontalAddSaturating : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalAddSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct HorizontalSubtractWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalSubtract(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct HorizontalSubtractDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalSubtract(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct HorizontalSubtractSaturating : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.HorizontalSubtractSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }
}
