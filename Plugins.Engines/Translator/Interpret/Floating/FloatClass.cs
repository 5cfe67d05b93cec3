namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>What a floating-point operand is.</summary>
internal enum FloatClass
{
    Zero,

    /// <summary>Finite and not zero; a <see cref="Number"/> holds it.</summary>
    Finite,

    Infinity,
    QuietNan,
    SignalingNan,

    /// <summary>An x87 encoding that no operation produces and every operation rejects (SDM volume 1, table 8-3).</summary>
    Unsupported,
}
