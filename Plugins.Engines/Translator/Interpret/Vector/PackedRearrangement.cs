using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Interleaving, narrowing, widening and byte shuffles</summary>
internal static unsafe class PackedRearrangement
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Unpcklps_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowDoublewords>);
        table.Set(Code.Unpckhps_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighDoublewords>);
        table.Set(Code.Unpcklpd_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowQuadwords>);
        table.Set(Code.Unpckhpd_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighQuadwords>);
        table.Set(Code.Movddup_xmm_xmmm64, &XmmHandlers.Part<DuplicateDouble, ulong>);
        table.Set(Code.Pmovsxbw_xmm_xmmm64, &XmmHandlers.Part<SignExtendBytesToWords, ulong>);
        table.Set(Code.Pmovsxbd_xmm_xmmm32, &XmmHandlers.Part<SignExtendBytesToDoublewords, uint>);
        table.Set(Code.Pmovsxbq_xmm_xmmm16, &XmmHandlers.Part<SignExtendBytesToQuadwords, ushort>);
        table.Set(Code.Pmovsxwd_xmm_xmmm64, &XmmHandlers.Part<SignExtendWordsToDoublewords, ulong>);
        table.Set(Code.Pmovsxwq_xmm_xmmm32, &XmmHandlers.Part<SignExtendWordsToQuadwords, uint>);
        table.Set(Code.Pmovsxdq_xmm_xmmm64, &XmmHandlers.Part<SignExtendDoublewordsToQuadwords, ulong>);
        table.Set(Code.Pmovzxbw_xmm_xmmm64, &XmmHandlers.Part<ZeroExtendBytesToWords, ulong>);
        table.Set(Code.Pmovzxbd_xmm_xmmm32, &XmmHandlers.Part<ZeroExtendBytesToDoublewords, uint>);
        table.Set(Code.Pmovzxbq_xmm_xmmm16, &XmmHandlers.Part<ZeroExtendBytesToQuadwords, ushort>);
        table.Set(Code.Pmovzxwd_xmm_xmmm64, &XmmHandlers.Part<ZeroExtendWordsToDoublewords, ulong>);
        table.Set(Code.Pmovzxwq_xmm_xmmm32, &XmmHandlers.Part<ZeroExtendWordsToQuadwords, uint>);
        table.Set(Code.Pmovzxdq_xmm_xmmm64, &XmmHandlers.Part<ZeroExtendDoublewordsToQuadwords, ulong>);
        table.Set(Code.Punpcklbw_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowBytes>);
        table.Set(Code.Punpckhbw_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighBytes>);
        table.Set(Code.Punpcklwd_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowWords>);
        table.Set(Code.Punpckhwd_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighWords>);
        table.Set(Code.Punpckldq_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowDoublewords>);
        table.Set(Code.Punpckhdq_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighDoublewords>);
        table.Set(Code.Punpcklqdq_xmm_xmmm128, &XmmHandlers.Binary<UnpackLowQuadwords>);
        table.Set(Code.Punpckhqdq_xmm_xmmm128, &XmmHandlers.Binary<UnpackHighQuadwords>);
        table.Set(Code.Packsswb_xmm_xmmm128, &XmmHandlers.Binary<PackSignedWords>);
        table.Set(Code.Packssdw_xmm_xmmm128, &XmmHandlers.Binary<PackSignedDoublewords>);
        table.Set(Code.Packuswb_xmm_xmmm128, &XmmHandlers.Binary<PackUnsignedWords>);
        table.Set(Code.Packusdw_xmm_xmmm128, &XmmHandlers.Binary<PackUnsignedDoublewords>);
        table.Set(Code.Pshufb_xmm_xmmm128, &XmmHandlers.Binary<ShuffleBytes>);
        table.Set(Code.Movsldup_xmm_xmmm128, &XmmHandlers.Binary<DuplicateEven>);
        table.Set(Code.Movshdup_xmm_xmmm128, &XmmHandlers.Binary<DuplicateOdd>);
    }

    internal readonly struct UnpackLowBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackLow(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct UnpackHighBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackHigh(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct UnpackLowWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackLow(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct UnpackHighWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackHigh(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct UnpackLowDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackLow(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct UnpackHighDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackHigh(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct UnpackLowQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackLow(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct UnpackHighQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.UnpackHigh(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct PackSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.PackSignedSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct PackSignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.PackSignedSaturate(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct PackUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.PackUnsignedSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct PackUnsignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.PackUnsignedSaturate(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct ShuffleBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Shuffle(destination, source);
    }

    internal readonly struct DuplicateEven : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse3.MoveLowAndDuplicate(source.AsSingle()).AsByte();
    }

    internal readonly struct DuplicateOdd : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse3.MoveHighAndDuplicate(source.AsSingle()).AsByte();
    }

    /// <summary>MOVDDUP.</summary>
    internal readonly struct DuplicateDouble : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Create(source.AsUInt64().ToScalar()).AsByte();
    }

    internal readonly struct SignExtendBytesToWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int16(source.AsSByte()).AsByte();
    }

    internal readonly struct SignExtendBytesToDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int32(source.AsSByte()).AsByte();
    }

    internal readonly struct SignExtendBytesToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source.AsSByte()).AsByte();
    }

    internal readonly struct SignExtendWordsToDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int32(source.AsInt16()).AsByte();
    }

    internal readonly struct SignExtendWordsToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source.AsInt16()).AsByte();
    }

    internal readonly struct SignExtendDoublewordsToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source.AsInt32()).AsByte();
    }

    internal readonly struct ZeroExtendBytesToWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int16(source).AsByte();
    }

    internal readonly struct ZeroExtendBytesToDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int32(source).AsByte();
    }

    internal readonly struct ZeroExtendBytesToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source).AsByte();
    }

    internal readonly struct ZeroExtendWordsToDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int32(source.AsUInt16()).AsByte();
    }

    internal readonly struct ZeroExtendWordsToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source.AsUInt16()).AsByte();
    }

    internal readonly struct ZeroExtendDoublewordsToQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.ConvertToVector128Int64(source.AsUInt32()).AsByte();
    }
}
