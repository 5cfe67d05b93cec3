namespace Hospes.Engines.Translator.Decode;

/// <summary>What the interpreter's switch distinguishes. Dense, so that the switch is a jump table.</summary>
internal enum OpKindCode : ushort
{
    /// <summary>Any instruction by its handler of the table.</summary>
    Handler,

    /// <summary>End of a block that ran into the page's end or the size bound: on at the next instruction.</summary>
    Continue,
}
