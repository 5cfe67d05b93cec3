using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>ADD.</summary>
internal readonly struct Add : IOperation
{
    public static FlagKind Kind => FlagKind.Add;

    public static bool Writes => true;

    public static ulong Compute(ulong left, ulong right) => left + right;
}
