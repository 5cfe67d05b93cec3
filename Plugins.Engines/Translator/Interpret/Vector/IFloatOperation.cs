using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What a floating-point instruction does with one element of each operand, in either format.</summary>
internal interface IFloatOperation
{
    /// <summary>The destination element's new encoding; exceptions go to <paramref name="environment"/>.</summary>
    static abstract ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat;

    /// <summary>
    /// All four elements by the host's own instruction, where that is all there is to it and the inexact flag is known to be set already; see
    /// <see cref="HostRange"/>. False: element by element.
    /// </summary>
    static virtual bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
    {
        result = default;
        return false;
    }

    /// <summary>Both elements likewise.</summary>
    static virtual bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
    {
        result = default;
        return false;
    }
}
