using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What a conversion does with one element. Implemented by empty structs and used as a type argument.</summary>
internal interface IConversion
{
    /// <summary>The new encoding, in the low bits.</summary>
    static abstract ulong Apply(ulong source, ref FloatEnvironment environment);
}
