using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Tests on whole vectors for values with which the host's arithmetic does exactly what the guest's would, but for the inexact flag.</summary>
internal static class HostRange
{
    private const uint SingleOne = 1u << 23;
    private const ulong DoubleOne = 1UL << 52;

    /// <summary>Elements that are finite, normal and not at the very ends of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Ordinary(Vector128<float> value)
        => Vector128.LessThan(Magnitude(value) - Vector128.Create(2 * SingleOne), Vector128.Create(0xfa * SingleOne));

    /// <summary>Elements that are finite, normal and not at the very ends of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<ulong> Ordinary(Vector128<double> value)
        => Vector128.LessThan(Magnitude(value) - Vector128.Create(2 * DoubleOne), Vector128.Create(0x7fa * DoubleOne));

    /// <summary>Elements that are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Zero(Vector128<float> value) => Vector128.Equals(value, Vector128<float>.Zero).AsUInt32();

    /// <summary>Elements that are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<ulong> Zero(Vector128<double> value) => Vector128.Equals(value, Vector128<double>.Zero).AsUInt64();

    /// <summary>No element is denormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasNoDenormal(Vector128<float> value)
        => !Vector128.LessThanAny(Magnitude(value) - Vector128<uint>.One, Vector128.Create(SingleOne - 1));

    /// <summary>No element is denormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasNoDenormal(Vector128<double> value)
        => !Vector128.LessThanAny(Magnitude(value) - Vector128<ulong>.One, Vector128.Create(DoubleOne - 1));

    /// <summary>Every element's bits are all set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool All(Vector128<uint> mask) => mask == Vector128<uint>.AllBitsSet;

    /// <summary>Every element's bits are all set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool All(Vector128<ulong> mask) => mask == Vector128<ulong>.AllBitsSet;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Magnitude(Vector128<float> value) => value.AsUInt32() & Vector128.Create(0x7fff_ffffu);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Magnitude(Vector128<double> value) => value.AsUInt64() & Vector128.Create(0x7fff_ffff_ffff_ffffUL);
}
