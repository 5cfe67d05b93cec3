namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// Places before a TLB's entries (by negative index): a copy of the entry that the last access of a kind used. Emitted code asks them first, since such
/// accesses stay on a page for long, and that answer does not wait for the address. A copy has no right that its entry has not; where an entry of a TLB
/// changes, all copies go.
/// </summary>
internal enum RecentPage
{
    /// <summary>No kind of its own: the TLB is asked.</summary>
    None = 0,

    /// <summary>Relative to the stack pointer.</summary>
    Stack = -1,

    /// <summary>Relative to FS or GS.</summary>
    Segment = -2,

    /// <summary>Relative to the instruction pointer.</summary>
    Code = -3,
}
