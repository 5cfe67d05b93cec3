using System.Numerics;
using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>A value taken apart for arithmetic, from a register or from any of the memory formats.</summary>
internal struct FpuOperand
{
    internal FloatClass Class;

    /// <summary>Sign always; the rest for <see cref="FloatClass.Finite"/>, where it remembers whether the encoding was denormal.</summary>
    internal Number Number;

    /// <summary>The significand as a register would hold it, for NaNs.</summary>
    internal ulong Significand;

    internal readonly bool IsNan => Class is FloatClass.QuietNan or FloatClass.SignalingNan;

    internal readonly bool Negative => Number.Negative;

    internal static FpuOperand From(Extended value)
    {
        var operand = new FpuOperand { Significand = value.Significand };
        operand.Number.Negative = value.Negative;
        int exponent = value.SignExponent & Extended.MaximumExponent;
        bool integer = (value.Significand & Extended.IntegerBit) != 0;
        if (exponent == 0)
        {
            if (value.Significand == 0)
                return operand;

            // Denormals and, with the integer bit, pseudo-denormals: both have the least exponent.
            int shift = BitOperations.LeadingZeroCount(value.Significand);
            operand.Class = FloatClass.Finite;
            operand.Number.High = value.Significand << shift;
            operand.Number.Exponent = 1 - Extended.Bias - shift;
            operand.Number.Denormal = true;
        }
        else if (!integer)
        {
            operand.Class = FloatClass.Unsupported;
        }
        else if (exponent == Extended.MaximumExponent)
        {
            operand.Class = value.Significand << 1 == 0 ? FloatClass.Infinity
                : (value.Significand & Extended.QuietBit) != 0 ? FloatClass.QuietNan : FloatClass.SignalingNan;
        }
        else
        {
            operand.Class = FloatClass.Finite;
            operand.Number.High = value.Significand;
            operand.Number.Exponent = exponent - Extended.Bias;
        }

        return operand;
    }

    /// <summary>From binary32 or binary64.</summary>
    internal static FpuOperand FromFloat<TFormat>(ulong bits)
        where TFormat : struct, IFloatFormat
    {
        var operand = default(FpuOperand);
        var environment = default(FloatEnvironment);
        operand.Class = SoftFloat.Unpack<TFormat>(bits, ref environment, out operand.Number);
        operand.Significand = Extended.IntegerBit | (bits << (64 - TFormat.FractionBits) >> 1);
        return operand;
    }

    internal static FpuOperand FromInteger(long value)
    {
        var operand = default(FpuOperand);
        if (value == 0)
            return operand;
        operand.Class = FloatClass.Finite;
        operand.Number = NumberMath.FromInteger((ulong)(value < 0 ? -value : value), value < 0);
        return operand;
    }

    /// <summary>The register encoding of an operand that came from memory; exact, and with a NaN as quiet or signaling as it was.</summary>
    internal readonly Extended ToExtended() => Class switch
    {
        FloatClass.Zero => Extended.Zero(Negative),
        FloatClass.Infinity => Extended.Infinity(Negative),
        FloatClass.Finite => new Extended((ushort)((Number.Exponent + Extended.Bias) | (Negative ? 0x8000 : 0)), Number.High),
        _ => new Extended((ushort)(Negative ? 0xffff : 0x7fff), Significand),
    };

    /// <summary>The NaN made quiet.</summary>
    internal readonly Extended ToQuietNan() => new((ushort)(Negative ? 0xffff : 0x7fff), Significand | Extended.QuietBit);
}
