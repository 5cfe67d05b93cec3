namespace Hospes.Engines.Translator.Memory;

/// <summary>What a page walk found.</summary>
internal struct Translation
{
    /// <summary>Guest-physical address of the byte asked for.</summary>
    internal ulong Physical;

    /// <summary>A write at the same privilege would be allowed.</summary>
    internal bool Writable;

    /// <summary>The dirty bit is set: a cached translation may allow writes.</summary>
    internal bool Dirty;

    /// <summary>Survives a CR3 load.</summary>
    internal bool Global;

    /// <summary>The page's size as a power of two: 12, or more for a large page.</summary>
    internal int PageShift;
}
