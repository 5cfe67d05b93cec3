using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>The conversions of elements that SSE has.</summary>
internal static class Conversions
{
    /// <summary>Between the two floating-point formats.</summary>
    internal readonly struct Format<TFrom, TTo> : IConversion
        where TFrom : struct, IFloatFormat
        where TTo : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment) => SoftFloat.Convert<TFrom, TTo>(source, ref environment);
    }

    /// <summary>From a signed 32-bit integer.</summary>
    internal readonly struct FromInt32<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment) => SoftFloat.FromInteger<TFormat>((int)source, ref environment);
    }

    /// <summary>From a signed 64-bit integer.</summary>
    internal readonly struct FromInt64<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment) => SoftFloat.FromInteger<TFormat>((long)source, ref environment);
    }

    /// <summary>To a signed 32-bit integer as MXCSR rounds.</summary>
    internal readonly struct ToInt32<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment)
            => (uint)SoftFloat.ToInteger<TFormat>(source, 32, environment.Rounding, ref environment);
    }

    /// <summary>To a signed 64-bit integer as MXCSR rounds.</summary>
    internal readonly struct ToInt64<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment)
            => (ulong)SoftFloat.ToInteger<TFormat>(source, 64, environment.Rounding, ref environment);
    }

    /// <summary>To a signed 32-bit integer toward zero.</summary>
    internal readonly struct TruncateInt32<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment)
            => (uint)SoftFloat.ToInteger<TFormat>(source, 32, Rounding.TowardZero, ref environment);
    }

    /// <summary>To a signed 64-bit integer toward zero.</summary>
    internal readonly struct TruncateInt64<TFormat> : IConversion
        where TFormat : struct, IFloatFormat
    {
        public static ulong Apply(ulong source, ref FloatEnvironment environment)
            => (ulong)SoftFloat.ToInteger<TFormat>(source, 64, Rounding.TowardZero, ref environment);
    }
}
