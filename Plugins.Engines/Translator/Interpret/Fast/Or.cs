using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>OR.</summary>
internal readonly struct Or : IOperation
{
    public static FlagKind Kind => FlagKind.Logic;

    public static bool Writes => true;

    public static ulong Compute(ulong left, ulong right) => left | right;
}
