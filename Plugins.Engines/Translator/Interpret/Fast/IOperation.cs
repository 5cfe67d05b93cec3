using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>A two-operand arithmetic operation, resolved at compile time.</summary>
internal interface IOperation
{
    /// <summary>How its flags are kept.</summary>
    static abstract FlagKind Kind { get; }

    /// <summary>False: only the flags matter.</summary>
    static abstract bool Writes { get; }

    static abstract ulong Compute(ulong left, ulong right);
}
