using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>MMX operations that move or add across elements, so that their xmm forms cannot serve on half a register.</summary>
internal static unsafe class MmRearrangement
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Punpcklbw_mm_mmm32, &MmHandlers.Part<PackedRearrangement.UnpackLowBytes, uint>);
        table.Set(Code.Punpcklwd_mm_mmm32, &MmHandlers.Part<PackedRearrangement.UnpackLowWords, uint>);
        table.Set(Code.Punpckldq_mm_mmm32, &MmHandlers.Part<PackedRearrangement.UnpackLowDoublewords, uint>);
        table.Set(Code.Punpckhbw_mm_mmm64, &MmHandlers.Binary<Upper<PackedRearrangement.UnpackLowBytes>>);
        table.Set(Code.Punpckhwd_mm_mmm64, &MmHandlers.Binary<Upper<PackedRearrangement.UnpackLowWords>>);
        table.Set(Code.Punpckhdq_mm_mmm64, &MmHandlers.Binary<Upper<PackedRearrangement.UnpackLowDoublewords>>);
        table.Set(Code.Packsswb_mm_mmm64, &MmHandlers.Binary<Joined<PackedRearrangement.PackSignedWords>>);
        table.Set(Code.Packssdw_mm_mmm64, &MmHandlers.Binary<Joined<PackedRearrangement.PackSignedDoublewords>>);
        table.Set(Code.Packuswb_mm_mmm64, &MmHandlers.Binary<Joined<PackedRearrangement.PackUnsignedWords>>);
        table.Set(Code.Phaddw_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalAddWords>>);
        table.Set(Code.Phaddd_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalAddDoublewords>>);
        table.Set(Code.Phaddsw_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalAddSaturating>>);
        table.Set(Code.Phsubw_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalSubtractWords>>);
        table.Set(Code.Phsubd_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalSubtractDoublewords>>);
        table.Set(Code.Phsubsw_mm_mmm64, &MmHandlers.Binary<Joined<PackedMultiply.HorizontalSubtractSaturating>>);
        table.Set(Code.Pshufb_mm_mmm64, &MmHandlers.Binary<ShuffleBytes>);
    }

    /// <summary>The upper half of an operation's result: interleaving all of two half registers gives a whole one.</summary>
    private readonly struct Upper<TOperation> : IBinaryOperation
        where TOperation : struct, IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Vector128.CreateScalar(TOperation.Apply(destination, source).AsUInt64().GetElement(1)).AsByte();
    }

    /// <summary>An operation that takes pairs of neighbours, on source:destination joined to one register.</summary>
    private readonly struct Joined<TOperation> : IBinaryOperation
        where TOperation : struct, IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
        {
            Vector128<byte> joined = Vector128.Create(destination.GetLower(), source.GetLower());
            return TOperation.Apply(joined, joined);
        }
    }

    private readonly struct ShuffleBytes : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Ssse3.Shuffle(destination, source & Vector128.Create((byte)0x87));
    }
}
