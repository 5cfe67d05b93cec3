using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What a floating-point instruction does with one element of each operand, in either format.</summary>
internal interface IFloatOperation
{
    /// <summary>The destination element's new encoding; exceptions go to <paramref name="environment"/>.</summary>
    static abstract ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat;
}
