using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>
/// Arithmetic on all 128 bits of <see cref="Number"/>, for functions whose results have no finite form. Each step is off by a few units of 2^-127 at
/// most, so that a function of some tens of steps is right to better than 2^-118: rounded to 64 bits it is the correctly rounded one but for about one
/// operand in 2^50.
/// </summary>
internal static class WideMath
{
    internal static Number Multiply(in Number a, in Number b)
    {
        UInt128 product = (UInt128)a.High * b.High;
        product += (ulong)(((UInt128)a.High * b.Low) >> 64);
        product += (ulong)(((UInt128)a.Low * b.High) >> 64);
        int exponent = a.Exponent + b.Exponent + 1;
        if ((Int128)product >= 0)
        {
            product <<= 1;
            exponent--;
        }

        return new Number { Negative = a.Negative ^ b.Negative, Exponent = exponent, High = (ulong)(product >> 64), Low = (ulong)product };
    }

    /// <summary>a / b by two steps of 64 bits: a first quotient, and the quotient of what it leaves.</summary>
    internal static Number Divide(in Number a, in Number b)
    {
        Number first = NumberMath.Divide(a, b);
        first.Low = 0;
        Number back = Multiply(first, b);
        back.Negative = !back.Negative;
        if (!NumberMath.Add(a, back, out Number rest))
            return first;
        Number second = NumberMath.Divide(rest, b);
        second.Low = 0;
        return Add(first, second);
    }

    /// <summary>a + b where the sum cannot vanish.</summary>
    internal static Number Add(in Number a, in Number b)
    {
        NumberMath.Add(a, b, out Number sum);
        return sum;
    }

    internal static Number Negate(in Number a) => a with { Negative = !a.Negative };

    /// <summary>Horner's rule: coefficients[0] + x * (coefficients[1] + ...).</summary>
    internal static Number Polynomial(in Number x, ReadOnlySpan<Number> coefficients)
    {
        Number sum = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--)
            sum = Add(Multiply(sum, x), coefficients[i]);
        return sum;
    }
}
