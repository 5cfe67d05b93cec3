namespace Hospes.Engines.Translator.Memory;

/// <summary>What came of a TLB miss.</summary>
internal enum TlbFill
{
    /// <summary>The access will find its translation.</summary>
    Ready,

    /// <summary>The page fault is recorded.</summary>
    Fault,

    /// <summary>Device space, code, two pages, or no address at all.</summary>
    Unserved,
}
