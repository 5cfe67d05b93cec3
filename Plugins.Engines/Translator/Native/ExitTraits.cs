namespace Hospes.Engines.Translator.Native;

/// <summary>What an <see cref="ExitRecord"/> says by yes or no.</summary>
[Flags]
internal enum ExitTraits : byte
{
    None = 0,
    Writes = 1,
    Vector = 2,
    Aligned = 4,
    Crosses = 8,
    Fpu = 16,
}
