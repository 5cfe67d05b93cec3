using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>CMP.</summary>
internal readonly struct Compare : IOperation
{
    public static FlagKind Kind => FlagKind.Subtract;

    public static bool Writes => false;

    public static ulong Compute(ulong left, ulong right) => left - right;
}
