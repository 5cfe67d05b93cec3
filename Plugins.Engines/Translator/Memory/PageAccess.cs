namespace Hospes.Engines.Translator.Memory;

/// <summary>What kind of access a page walk is for.</summary>
[Flags]
internal enum PageAccess
{
    /// <summary>A supervisor's read.</summary>
    Read = 0,

    Write = 1,

    /// <summary>At privilege level 3.</summary>
    User = 2,

    /// <summary>An instruction fetch.</summary>
    Fetch = 4,

    /// <summary>A supervisor that SMAP lets touch user pages (EFLAGS.AC set).</summary>
    UserPagesAllowed = 8,
}
