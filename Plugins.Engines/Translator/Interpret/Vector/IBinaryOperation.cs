using System.Runtime.Intrinsics;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What an instruction of the form "destination, source" computes. Implemented by empty structs and used as a type argument.</summary>
internal interface IBinaryOperation
{
    /// <summary>The destination's new value.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source);
}
