namespace Hospes.Engines.Translator.Interpret.Floating;

/// <summary>The four outcomes of a comparison.</summary>
internal enum FloatOrder
{
    Less,
    Equal,
    Greater,
    Unordered,
}
