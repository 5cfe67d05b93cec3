using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Bitwise operations and integer comparisons.</summary>
internal static unsafe class PackedLogic
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Andps_xmm_xmmm128, &XmmHandlers.Binary<And>);
        table.Set(Code.Andpd_xmm_xmmm128, &XmmHandlers.Binary<And>);
        table.Set(Code.Andnps_xmm_xmmm128, &XmmHandlers.Binary<AndNot>);
        table.Set(Code.Andnpd_xmm_xmmm128, &XmmHandlers.Binary<AndNot>);
        table.Set(Code.Orps_xmm_xmmm128, &XmmHandlers.Binary<Or>);
        table.Set(Code.Orpd_xmm_xmmm128, &XmmHandlers.Binary<Or>);
        table.Set(Code.Xorps_xmm_xmmm128, &XmmHandlers.Binary<Xor>);
        table.Set(Code.Xorpd_xmm_xmmm128, &XmmHandlers.Binary<Xor>);
        table.Set(Code.Pand_xmm_xmmm128, &XmmHandlers.Binary<And>);
        table.Set(Code.Pandn_xmm_xmmm128, &XmmHandlers.Binary<AndNot>);
        table.Set(Code.Por_xmm_xmmm128, &XmmHandlers.Binary<Or>);
        table.Set(Code.Pxor_xmm_xmmm128, &XmmHandlers.Binary<Xor>);
        table.Set(Code.Pcmpeqb_xmm_xmmm128, &XmmHandlers.Binary<EqualBytes>);
        table.Set(Code.Pcmpgtb_xmm_xmmm128, &XmmHandlers.Binary<GreaterBytes>);
        table.Set(Code.Pcmpeqw_xmm_xmmm128, &XmmHandlers.Binary<EqualWords>);
        table.Set(Code.Pcmpgtw_xmm_xmmm128, &XmmHandlers.Binary<GreaterWords>);
        table.Set(Code.Pcmpeqd_xmm_xmmm128, &XmmHandlers.Binary<EqualDoublewords>);
        table.Set(Code.Pcmpgtd_xmm_xmmm128, &XmmHandlers.Binary<GreaterDoublewords>);
        table.Set(Code.Pcmpeqq_xmm_xmmm128, &XmmHandlers.Binary<EqualQuadwords>);
        table.Set(Code.Pcmpgtq_xmm_xmmm128, &XmmHandlers.Binary<GreaterQuadwords>);

        table.Set(Code.Pand_mm_mmm64, &MmHandlers.Binary<And>);
        table.Set(Code.Pandn_mm_mmm64, &MmHandlers.Binary<AndNot>);
        table.Set(Code.Por_mm_mmm64, &MmHandlers.Binary<Or>);
        table.Set(Code.Pxor_mm_mmm64, &MmHandlers.Binary<Xor>);
        table.Set(Code.Pcmpeqb_mm_mmm64, &MmHandlers.Binary<EqualBytes>);
        table.Set(Code.Pcmpgtb_mm_mmm64, &MmHandlers.Binary<GreaterBytes>);
        table.Set(Code.Pcmpeqw_mm_mmm64, &MmHandlers.Binary<EqualWords>);
        table.Set(Code.Pcmpgtw_mm_mmm64, &MmHandlers.Binary<GreaterWords>);
        table.Set(Code.Pcmpeqd_mm_mmm64, &MmHandlers.Binary<EqualDoublewords>);
        table.Set(Code.Pcmpgtd_mm_mmm64, &MmHandlers.Binary<GreaterDoublewords>);
    }

    internal readonly struct And : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.BitwiseAnd(destination, source);
    }

    internal readonly struct AndNot : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.AndNot(source, destination);
    }

    internal readonly struct Or : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.BitwiseOr(destination, source);
    }

    internal readonly struct Xor : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Xor(destination, source);
    }

    internal readonly struct EqualBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Equals(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct GreaterBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.GreaterThan(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct EqualWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Equals(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct GreaterWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.GreaterThan(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct EqualDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Equals(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct GreaterDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.GreaterThan(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct EqualQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Equals(destination.AsInt64(), source.AsInt64()).AsByte();
    }

    internal readonly struct GreaterQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.GreaterThan(destination.AsInt64(), source.AsInt64()).AsByte();
    }
}
