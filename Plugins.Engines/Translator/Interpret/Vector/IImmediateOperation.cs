using System.Runtime.Intrinsics;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>What an instruction of the form "destination, source, imm8" computes.</summary>
internal interface IImmediateOperation
{
    /// <summary>The destination's new value.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate);
}
