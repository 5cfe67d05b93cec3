using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Fast;

/// <summary>SUB.</summary>
internal readonly struct Subtract : IOperation
{
    public static FlagKind Kind => FlagKind.Subtract;

    public static bool Writes => true;

    public static ulong Compute(ulong left, ulong right) => left - right;
}
