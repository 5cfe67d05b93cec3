namespace Hospes.Engines.Translator.Native;

/// <summary>Accesses that one look into the TLB serves.</summary>
internal struct AccessGroup
{
    internal AccessKey Key;

    /// <summary>The lowest byte, relative to the origins.</summary>
    internal long Low;

    /// <summary>Behind the highest byte.</summary>
    internal long High;

    /// <summary>One of them writes.</summary>
    internal bool Writes;

    internal int Count;

    /// <summary>Where in sixteen bytes those lie that must be aligned, relative to the origins; negative: none must.</summary>
    internal int Alignment;

    /// <summary>The difference between host and linear address is in the context, at the point that is being written.</summary>
    internal bool IsReady;

    internal readonly int Span => (int)(High - Low);
}
