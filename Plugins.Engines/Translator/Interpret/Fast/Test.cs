using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>TEST.</summary>
internal readonly struct Test : IOperation
{
    public static FlagKind Kind => FlagKind.Logic;

    public static bool Writes => false;

    public static ulong Compute(ulong left, ulong right) => left & right;
}
