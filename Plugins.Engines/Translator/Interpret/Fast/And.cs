using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>AND.</summary>
internal readonly struct And : IOperation
{
    public static FlagKind Kind => FlagKind.Logic;

    public static bool Writes => true;

    public static ulong Compute(ulong left, ulong right) => left & right;
}
