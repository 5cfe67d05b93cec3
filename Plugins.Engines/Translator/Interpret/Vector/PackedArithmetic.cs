using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Integer addition, subtraction, average, minimum, maximum, absolute value and sign, element by element.</summary>
internal static unsafe class PackedArithmetic
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Paddb_xmm_xmmm128, &XmmHandlers.Binary<AddBytes>);
        table.Set(Code.Paddw_xmm_xmmm128, &XmmHandlers.Binary<AddWords>);
        table.Set(Code.Paddd_xmm_xmmm128, &XmmHandlers.Binary<AddDoublewords>);
        table.Set(Code.Paddq_xmm_xmmm128, &XmmHandlers.Binary<AddQuadwords>);
        table.Set(Code.Psubb_xmm_xmmm128, &XmmHandlers.Binary<SubtractBytes>);
        table.Set(Code.Psubw_xmm_xmmm128, &XmmHandlers.Binary<SubtractWords>);
        table.Set(Code.Psubd_xmm_xmmm128, &XmmHandlers.Binary<SubtractDoublewords>);
        table.Set(Code.Psubq_xmm_xmmm128, &XmmHandlers.Binary<SubtractQuadwords>);
        table.Set(Code.Paddsb_xmm_xmmm128, &XmmHandlers.Binary<AddSaturatingSignedBytes>);
        table.Set(Code.Paddsw_xmm_xmmm128, &XmmHandlers.Binary<AddSaturatingSignedWords>);
        table.Set(Code.Paddusb_xmm_xmmm128, &XmmHandlers.Binary<AddSaturatingUnsignedBytes>);
        table.Set(Code.Paddusw_xmm_xmmm128, &XmmHandlers.Binary<AddSaturatingUnsignedWords>);
        table.Set(Code.Psubsb_xmm_xmmm128, &XmmHandlers.Binary<SubtractSaturatingSignedBytes>);
        table.Set(Code.Psubsw_xmm_xmmm128, &XmmHandlers.Binary<SubtractSaturatingSignedWords>);
        table.Set(Code.Psubusb_xmm_xmmm128, &XmmHandlers.Binary<SubtractSaturatingUnsignedBytes>);
        table.Set(Code.Psubusw_xmm_xmmm128, &XmmHandlers.Binary<SubtractSaturatingUnsignedWords>);
        table.Set(Code.Pavgb_xmm_xmmm128, &XmmHandlers.Binary<AverageBytes>);
        table.Set(Code.Pavgw_xmm_xmmm128, &XmmHandlers.Binary<AverageWords>);
        table.Set(Code.Pminub_xmm_xmmm128, &XmmHandlers.Binary<MinimumUnsignedBytes>);
        table.Set(Code.Pminsw_xmm_xmmm128, &XmmHandlers.Binary<MinimumSignedWords>);
        table.Set(Code.Pmaxub_xmm_xmmm128, &XmmHandlers.Binary<MaximumUnsignedBytes>);
        table.Set(Code.Pmaxsw_xmm_xmmm128, &XmmHandlers.Binary<MaximumSignedWords>);
        table.Set(Code.Pminsb_xmm_xmmm128, &XmmHandlers.Binary<MinimumSignedBytes>);
        table.Set(Code.Pminsd_xmm_xmmm128, &XmmHandlers.Binary<MinimumSignedDoublewords>);
        table.Set(Code.Pminuw_xmm_xmmm128, &XmmHandlers.Binary<MinimumUnsignedWords>);
        table.Set(Code.Pminud_xmm_xmmm128, &XmmHandlers.Binary<MinimumUnsignedDoublewords>);
        table.Set(Code.Pmaxsb_xmm_xmmm128, &XmmHandlers.Binary<MaximumSignedBytes>);
        table.Set(Code.Pmaxsd_xmm_xmmm128, &XmmHandlers.Binary<MaximumSignedDoublewords>);
        table.Set(Code.Pmaxuw_xmm_xmmm128, &XmmHandlers.Binary<MaximumUnsignedWords>);
        table.Set(Code.Pmaxud_xmm_xmmm128, &XmmHandlers.Binary<MaximumUnsignedDoublewords>);
        table.Set(Code.Pabsb_xmm_xmmm128, &XmmHandlers.Binary<AbsoluteBytes>);
        table.Set(Code.Pabsw_xmm_xmmm128, &XmmHandlers.Binary<AbsoluteWords>);
        table.Set(Code.Pabsd_xmm_xmmm128, &XmmHandlers.Binary<AbsoluteDoublewords>);
        table.Set(Code.Psignb_xmm_xmmm128, &XmmHandlers.Binary<SignBytes>);
        table.Set(Code.Psignw_xmm_xmmm128, &XmmHandlers.Binary<SignWords>);
        table.Set(Code.Psignd_xmm_xmmm128, &XmmHandlers.Binary<SignDoublewords>);

        table.Set(Code.Paddb_mm_mmm64, &MmHandlers.Binary<AddBytes>);
        table.Set(Code.Paddw_mm_mmm64, &MmHandlers.Binary<AddWords>);
        table.Set(Code.Paddd_mm_mmm64, &MmHandlers.Binary<AddDoublewords>);
        table.Set(Code.Paddq_mm_mmm64, &MmHandlers.Binary<AddQuadwords>);
        table.Set(Code.Psubb_mm_mmm64, &MmHandlers.Binary<SubtractBytes>);
        table.Set(Code.Psubw_mm_mmm64, &MmHandlers.Binary<SubtractWords>);
        table.Set(Code.Psubd_mm_mmm64, &MmHandlers.Binary<SubtractDoublewords>);
        table.Set(Code.Psubq_mm_mmm64, &MmHandlers.Binary<SubtractQuadwords>);
        table.Set(Code.Paddsb_mm_mmm64, &MmHandlers.Binary<AddSaturatingSignedBytes>);
        table.Set(Code.Paddsw_mm_mmm64, &MmHandlers.Binary<AddSaturatingSignedWords>);
        table.Set(Code.Paddusb_mm_mmm64, &MmHandlers.Binary<AddSaturatingUnsignedBytes>);
        table.Set(Code.Paddusw_mm_mmm64, &MmHandlers.Binary<AddSaturatingUnsignedWords>);
        table.Set(Code.Psubsb_mm_mmm64, &MmHandlers.Binary<SubtractSaturatingSignedBytes>);
        table.Set(Code.Psubsw_mm_mmm64, &MmHandlers.Binary<SubtractSaturatingSignedWords>);
        table.Set(Code.Psubusb_mm_mmm64, &MmHandlers.Binary<SubtractSaturatingUnsignedBytes>);
        table.Set(Code.Psubusw_mm_mmm64, &MmHandlers.Binary<SubtractSaturatingUnsignedWords>);
        table.Set(Code.Pavgb_mm_mmm64, &MmHandlers.Binary<AverageBytes>);
        table.Set(Code.Pavgw_mm_mmm64, &MmHandlers.Binary<AverageWords>);
        table.Set(Code.Pminub_mm_mmm64, &MmHandlers.Binary<MinimumUnsignedBytes>);
        table.Set(Code.Pminsw_mm_mmm64, &MmHandlers.Binary<MinimumSignedWords>);
        table.Set(Code.Pmaxub_mm_mmm64, &MmHandlers.Binary<MaximumUnsignedBytes>);
        table.Set(Code.Pmaxsw_mm_mmm64, &MmHandlers.Binary<MaximumSignedWords>);
        table.Set(Code.Pabsb_mm_mmm64, &MmHandlers.Binary<AbsoluteBytes>);
        table.Set(Code.Pabsw_mm_mmm64, &MmHandlers.Binary<AbsoluteWords>);
        table.Set(Code.Pabsd_mm_mmm64, &MmHandlers.Binary<AbsoluteDoublewords>);
        table.Set(Code.Psignb_mm_mmm64, &MmHandlers.Binary<SignBytes>);
        table.Set(Code.Psignw_mm_mmm64, &MmHandlers.Binary<SignWords>);
        table.Set(Code.Psignd_mm_mmm64, &MmHandlers.Binary<SignDoublewords>);
    }

    internal readonly struct AddBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Add(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct AddWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Add(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct AddDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Add(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct AddQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Add(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct SubtractBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Subtract(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct SubtractWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Subtract(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct SubtractDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Subtract(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct SubtractQuadwords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.Subtract(destination.AsUInt64(), source.AsUInt64()).AsByte();
    }

    internal readonly struct AddSaturatingSignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.AddSaturate(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct AddSaturatingSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.AddSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct AddSaturatingUnsignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.AddSaturate(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct AddSaturatingUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.AddSaturate(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct SubtractSaturatingSignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.SubtractSaturate(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct SubtractSaturatingSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.SubtractSaturate(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct SubtractSaturatingUnsignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.SubtractSaturate(destination.AsByte(), source.AsByte()).AsByte();
    }

    internal readonly struct SubtractSaturatingUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.SubtractSaturate(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct AverageBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Average(destination, source);
    }

    internal readonly struct AverageWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Average(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct MinimumUnsignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Min(destination, source);
    }

    internal readonly struct MinimumSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Min(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MaximumUnsignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Max(destination, source);
    }

    internal readonly struct MaximumSignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse2.Max(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct MinimumSignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Min(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct MinimumSignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Min(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct MinimumUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Min(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct MinimumUnsignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Min(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct MaximumSignedBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Max(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct MaximumSignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Max(destination.AsInt32(), source.AsInt32()).AsByte();
    }

    internal readonly struct MaximumUnsignedWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Max(destination.AsUInt16(), source.AsUInt16()).AsByte();
    }

    internal readonly struct MaximumUnsignedDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse41.Max(destination.AsUInt32(), source.AsUInt32()).AsByte();
    }

    internal readonly struct AbsoluteBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Abs(source.AsSByte()).AsByte();
    }

    internal readonly struct AbsoluteWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Abs(source.AsInt16()).AsByte();
    }

    internal readonly struct AbsoluteDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Abs(source.AsInt32()).AsByte();
    }

    internal readonly struct SignBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Sign(destination.AsSByte(), source.AsSByte()).AsByte();
    }

    internal readonly struct SignWords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Sign(destination.AsInt16(), source.AsInt16()).AsByte();
    }

    internal readonly struct SignDoublewords : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Sign(destination.AsInt32(), source.AsInt32()).AsByte();
    }
}
