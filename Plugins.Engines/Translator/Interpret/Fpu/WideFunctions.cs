using System.Numerics;
using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>
/// The elementary functions behind x87's transcendental instructions, by argument reduction and Taylor series to 128 bits (see
/// <see cref="WideMath"/>). Arguments are exact register values; results are to be rounded once.
/// </summary>
internal static class WideFunctions
{
    private const int SineTerms = 18;
    private const int ExponentialTerms = 33;
    private const int LogarithmTerms = 28;
    private const int ArcTangentTerms = 18;

    private static readonly Number[] InverseFactorials = MakeInverseFactorials(2 * SineTerms);
    private static readonly Number[] SineCoefficients = [.. InverseFactorials.Where((_, i) => i % 2 == 1).Take(SineTerms)];
    private static readonly Number[] CosineCoefficients = [.. InverseFactorials.Where((_, i) => i % 2 == 0).Take(SineTerms)];
    private static readonly Number[] ExponentialCoefficients = InverseFactorials[1..(ExponentialTerms + 1)];
    private static readonly Number[] InverseOdds = [.. Enumerable.Range(0, LogarithmTerms).Select(i => InverseOf((2 * i) + 1))];
    private static readonly Number[] ArcTangents = MakeArcTangents();

    /// <summary>
    /// Takes multiples of pi/2 from an angle below 2^63: what is left lies within pi/4 of zero, and <paramref name="quadrant"/> counts the multiples,
    /// modulo 4. The product with 2/pi is worked out to 448 bits, of which at least 128 are left behind the longest run of zeros.
    /// </summary>
    internal static Number Reduce(in Number angle, out int quadrant)
    {
        quadrant = 0;
        if (angle.Exponent < -1)
            return angle;
        ReadOnlySpan<ulong> factor = WideConstants.TwoOverPi;
        Span<ulong> product = stackalloc ulong[8];
        ulong carry = 0;
        for (int i = 0; i < factor.Length; i++)
        {
            ulong high = Math.BigMul(angle.High, factor[factor.Length - 1 - i], out ulong low);
            low += carry;
            carry = high + (low < carry ? 1u : 0u);
            product[i] = low;
        }

        product[6] = carry;
        product[7] = 0;

        // Moves the binary point below the highest element.
        int shift = angle.Exponent + 1;
        for (int i = 7; i > 0 && shift != 0; i--)
            product[i] = (product[i] << shift) | (product[i - 1] >> (64 - shift));
        product[0] <<= shift;
        quadrant = (int)product[7] & 3;
        bool above = (long)product[6] < 0;
        if (above)
        {
            // More than half a quadrant: count from the next multiple, backwards.
            quadrant = (quadrant + 1) & 3;
            for (int i = 0; i < 7; i++)
                product[i] = ~product[i];
        }

        int top = 6;
        while (product[top] == 0)
            top--;
        int zeros = BitOperations.LeadingZeroCount(product[top]);
        var all = new UInt128(product[top], product[top - 1]);
        UInt128 significand = zeros == 0 ? all : (all << zeros) | (product[top - 2] >> (64 - zeros));
        if (angle.Negative)
            quadrant = -quadrant & 3;
        var fraction = new Number
        {
            Negative = angle.Negative ^ above,
            Exponent = -1 - zeros - (64 * (6 - top)),
            High = (ulong)(significand >> 64),
            Low = (ulong)significand,
        };
        return WideMath.Multiply(fraction, WideConstants.HalfPi);
    }

    /// <summary>The sine of an angle within pi/4 of zero.</summary>
    internal static Number Sine(in Number angle)
    {
        Number square = WideMath.Negate(WideMath.Multiply(angle, angle) with { Negative = false });
        return Product(angle, square, SineCoefficients);
    }

    /// <summary>The cosine of an angle within pi/4 of zero.</summary>
    internal static Number Cosine(in Number angle)
        => WideMath.Polynomial(WideMath.Multiply(angle, angle) with { Negative = true }, CosineCoefficients);

    /// <summary>2^x - 1 for |x| at most one.</summary>
    internal static Number ExponentialLessOne(in Number x)
    {
        Number t = WideMath.Multiply(x, WideConstants.LogOf2);
        return Product(t, t, ExponentialCoefficients);
    }

    /// <summary>log2 of a positive value that is not one. Exact for powers of two.</summary>
    internal static Number Log2(in Number x)
    {
        // x = mantissa * 2^scale with the mantissa between sqrt(1/2) and sqrt(2), so that the sum below cannot cancel.
        bool high = x.High > 0xb504_f333_f9de_6484;
        int scale = x.Exponent + (high ? 1 : 0);
        Number mantissa = x with { Exponent = high ? -1 : 0, Negative = false };
        Number whole = scale == 0 ? default : NumberMath.FromInteger((ulong)Math.Abs(scale), scale < 0);
        if (!NumberMath.Add(mantissa, WideMath.Negate(WideConstants.One), out Number above))
            return whole;
        Number logarithm = Log2OfRatio(above, WideMath.Add(mantissa, WideConstants.One));
        return scale == 0 ? logarithm : WideMath.Add(logarithm, whole);
    }

    /// <summary>log2(1 + x) for x above -1, keeping the relative accuracy of a small x.</summary>
    internal static Number Log2OfOnePlus(in Number x)
        => x.Exponent < -2
            ? Log2OfRatio(x, WideMath.Add(x, WideConstants.One with { Exponent = 1 }))
            : Log2(WideMath.Add(x, WideConstants.One));

    /// <summary>The angle of the point (x, y) with positive coordinates.</summary>
    internal static Number ArcTangent(in Number y, in Number x)
    {
        bool steep = y.Exponent > x.Exponent || (y.Exponent == x.Exponent && y.High > x.High);
        Number angle = steep ? SmallArcTangent(x, y) : SmallArcTangent(y, x);
        return steep ? WideMath.Add(WideConstants.HalfPi, WideMath.Negate(angle)) : angle;
    }

    /// <summary>atan(y / x) for y no larger than x: the nearest sixteenth's from a table, and a series for the difference of the angles.</summary>
    private static Number SmallArcTangent(in Number y, in Number x)
    {
        double ratio = Math.ScaleB((double)y.High / x.High, Math.Max(y.Exponent - x.Exponent, -64));
        int nearest = (int)Math.Round(ratio * 16);
        if (nearest == 0)
            return ArcTangentSeries(WideMath.Divide(y, x));
        Number step = NumberMath.FromInteger((ulong)nearest, negative: false);
        Number left = y with { Exponent = y.Exponent + 4 };
        Number right = x with { Exponent = x.Exponent + 4 };
        if (!NumberMath.Add(left, WideMath.Negate(NumberMath.Multiply(x, step)), out Number numerator))
            return ArcTangents[nearest];
        Number denominator = WideMath.Add(right, NumberMath.Multiply(y, step));
        return WideMath.Add(ArcTangents[nearest], ArcTangentSeries(WideMath.Divide(numerator, denominator)));
    }

    private static Number ArcTangentSeries(in Number x)
        => Product(x, WideMath.Multiply(x, x) with { Negative = true }, InverseOdds.AsSpan(0, ArcTangentTerms));

    /// <summary>log2((1 + z) / (1 - z)) for z = numerator / denominator: 2 / ln 2 times atanh z.</summary>
    private static Number Log2OfRatio(in Number numerator, in Number denominator)
    {
        Number z = WideMath.Divide(numerator, denominator);
        Number result = WideMath.Multiply(Product(z, WideMath.Multiply(z, z) with { Negative = false }, InverseOdds), WideConstants.Log2OfE);
        result.Exponent++;
        return result;
    }

    /// <summary>
    /// factor * polynomial(x), whose constant term is one. Written as factor plus the rest, so that a result next to the factor itself still tells
    /// on which side of it the true value lies.
    /// </summary>
    private static Number Product(in Number factor, in Number x, ReadOnlySpan<Number> coefficients)
    {
        Number rest = WideMath.Multiply(WideMath.Multiply(WideMath.Polynomial(x, coefficients[1..]), x), factor);
        return WideMath.Add(factor, rest);
    }

    private static Number InverseOf(int value) => WideMath.Divide(WideConstants.One, NumberMath.FromInteger((ulong)value, negative: false));

    private static Number[] MakeInverseFactorials(int count)
    {
        var result = new Number[count];
        result[0] = WideConstants.One;
        for (int i = 1; i < count; i++)
            result[i] = WideMath.Divide(result[i - 1], NumberMath.FromInteger((ulong)i, negative: false));
        return result;
    }

    /// <summary>atan(n / 16): each from the one before by atan(n/16) = atan((n-1)/16) + atan(16 / (256 + n(n-1))).</summary>
    private static Number[] MakeArcTangents()
    {
        var result = new Number[17];
        for (int n = 1; n <= 16; n++)
        {
            Number step = WideMath.Divide(
                NumberMath.FromInteger(16, negative: false), NumberMath.FromInteger((ulong)(256 + (n * (n - 1))), negative: false));
            Number angle = ArcTangentSeries(step);
            result[n] = n == 1 ? angle : WideMath.Add(result[n - 1], angle);
        }

        return result;
    }
}
