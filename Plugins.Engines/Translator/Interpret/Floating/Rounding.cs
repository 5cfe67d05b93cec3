namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>Rounding modes, coded as in MXCSR.RC and the x87 control word's RC (Intel SDM volume 1, table 4-8).</summary>
internal enum Rounding
{
    NearestEven = 0,
    Down = 1,
    Up = 2,
    TowardZero = 3,
}
