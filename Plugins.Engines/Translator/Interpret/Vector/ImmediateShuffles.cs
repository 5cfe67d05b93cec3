using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Shuffles, blends and alignments that an immediate controls.</summary>
internal static unsafe class ImmediateShuffles
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pshufd_xmm_xmmm128_imm8, &XmmHandlers.Immediate<ShuffleDoublewords>);
        table.Set(Code.Pshuflw_xmm_xmmm128_imm8, &XmmHandlers.Immediate<ShuffleLowWords>);
        table.Set(Code.Pshufhw_xmm_xmmm128_imm8, &XmmHandlers.Immediate<ShuffleHighWords>);
        table.Set(Code.Shufps_xmm_xmmm128_imm8, &XmmHandlers.Immediate<ShuffleSingles>);
        table.Set(Code.Shufpd_xmm_xmmm128_imm8, &XmmHandlers.Immediate<ShuffleDoubles>);
        table.Set(Code.Palignr_xmm_xmmm128_imm8, &XmmHandlers.Immediate<Align>);
        table.Set(Code.Blendps_xmm_xmmm128_imm8, &XmmHandlers.Immediate<BlendSingles>);
        table.Set(Code.Blendpd_xmm_xmmm128_imm8, &XmmHandlers.Immediate<BlendDoubles>);
        table.Set(Code.Pblendw_xmm_xmmm128_imm8, &XmmHandlers.Immediate<BlendWords>);
        table.Set(Code.Mpsadbw_xmm_xmmm128_imm8, &XmmHandlers.Immediate<MultipleSums>);
    }

    /// <summary>Four words, chosen by two bits of the immediate each.</summary>
    internal static ulong ShuffleWords(ulong source, byte immediate)
    {
        ulong result = (ushort)(source >> ((immediate & 3) * 16));
        result |= (ulong)(ushort)(source >> (((immediate >> 2) & 3) * 16)) << 16;
        result |= (ulong)(ushort)(source >> (((immediate >> 4) & 3) * 16)) << 32;
        return result | ((ulong)(ushort)(source >> ((immediate >> 6) * 16)) << 48);
    }

    internal readonly struct ShuffleDoublewords : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            uint* s = (uint*)&source;
            return Vector128.Create(s[immediate & 3], s[(immediate >> 2) & 3], s[(immediate >> 4) & 3], s[immediate >> 6]).AsByte();
        }
    }

    internal readonly struct ShuffleLowWords : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => source.AsUInt64().WithElement(0, ShuffleWords(source.AsUInt64().GetElement(0), immediate)).AsByte();
    }

    internal readonly struct ShuffleHighWords : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => source.AsUInt64().WithElement(1, ShuffleWords(source.AsUInt64().GetElement(1), immediate)).AsByte();
    }

    internal readonly struct ShuffleSingles : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            uint* d = (uint*)&destination;
            uint* s = (uint*)&source;
            return Vector128.Create(d[immediate & 3], d[(immediate >> 2) & 3], s[(immediate >> 4) & 3], s[immediate >> 6]).AsByte();
        }
    }

    internal readonly struct ShuffleDoubles : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            ulong* d = (ulong*)&destination;
            ulong* s = (ulong*)&source;
            return Vector128.Create(d[immediate & 1], s[(immediate >> 1) & 1]).AsByte();
        }
    }

    /// <summary>PALIGNR: sixteen bytes out of destination:source.</summary>
    internal readonly struct Align : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            byte* window = stackalloc byte[48];
            *(Vector128<byte>*)window = source;
            *(Vector128<byte>*)(window + 16) = destination;
            *(Vector128<byte>*)(window + 32) = Vector128<byte>.Zero;
            return immediate >= 32 ? Vector128<byte>.Zero : *(Vector128<byte>*)(window + immediate);
        }
    }

    internal readonly struct BlendSingles : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => Blend(destination.AsUInt32(), source.AsUInt32(), Vector128.Create(1u, 2, 4, 8), immediate).AsByte();
    }

    internal readonly struct BlendDoubles : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => Blend(destination.AsUInt64(), source.AsUInt64(), Vector128.Create(1UL, 2), immediate).AsByte();
    }

    internal readonly struct BlendWords : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => Blend(destination.AsUInt16(), source.AsUInt16(), Vector128.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128), immediate).AsByte();
    }

    /// <summary>MPSADBW: one block of four source bytes against eight overlapping blocks of the destination.</summary>
    internal readonly struct MultipleSums : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate) => (immediate & 7) switch
        {
            0 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 0).AsByte(),
            1 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 1).AsByte(),
            2 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 2).AsByte(),
            3 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 3).AsByte(),
            4 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 4).AsByte(),
            5 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 5).AsByte(),
            6 => Sse41.MultipleSumAbsoluteDifferences(destination, source, 6).AsByte(),
            _ => Sse41.MultipleSumAbsoluteDifferences(destination, source, 7).AsByte(),
        };
    }

    /// <summary>Elements whose bit of the immediate is set come from the source.</summary>
    private static Vector128<T> Blend<T>(Vector128<T> destination, Vector128<T> source, Vector128<T> bits, byte immediate)
        where T : unmanaged, global::System.Numerics.IBinaryInteger<T>
        => Vector128.ConditionalSelect(
            Vector128.Equals(Vector128.Create(T.CreateTruncating(immediate)) & bits, bits), source, destination);
}
