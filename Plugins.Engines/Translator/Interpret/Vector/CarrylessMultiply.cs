using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>PCLMULQDQ: the product of two polynomials over GF(2). Immediate bits 0 and 4 choose the halves.</summary>
internal static unsafe class CarrylessMultiply
{
    internal static void Register(HandlerTable table) => table.Set(Code.Pclmulqdq_xmm_xmmm128_imm8, &XmmHandlers.Immediate<Product>);

    /// <summary>The product without the host's help.</summary>
    internal static UInt128 Multiply(ulong a, ulong b)
    {
        UInt128 product = 0;
        for (UInt128 shifted = a; b != 0; b >>= 1, shifted <<= 1)
        {
            if ((b & 1) != 0)
                product ^= shifted;
        }

        return product;
    }

    private readonly struct Product : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            ulong a = (immediate & 1) != 0 ? destination.AsUInt64().GetElement(1) : destination.AsUInt64().GetElement(0);
            ulong b = (immediate & 16) != 0 ? source.AsUInt64().GetElement(1) : source.AsUInt64().GetElement(0);
            if (Pclmulqdq.IsSupported)
                return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), Vector128.CreateScalar(b), 0).AsByte();
            UInt128 product = Multiply(a, b);
            return Vector128.Create((ulong)product, (ulong)(product >> 64)).AsByte();
        }
    }
}
