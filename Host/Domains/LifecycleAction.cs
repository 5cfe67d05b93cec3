namespace Hospes.Host.Domains;

/// <summary>What is to become of a domain that has stopped (fact sheet "Domain configuration", section 9).</summary>
internal enum LifecycleAction
{
    /// <summary>Take it away.</summary>
    Destroy,

    /// <summary>Take it away and create it again from its configuration.</summary>
    Restart,

    /// <summary>Keep what is left of it for looking at.</summary>
    Preserve,

    /// <summary>Write a core, then take it away; for crashes only.</summary>
    CoredumpDestroy,

    /// <summary>Write a core, then create it again; for crashes only.</summary>
    CoredumpRestart,

    /// <summary>Keep what is left of it under another name and create it again.</summary>
    RenameRestart,
}
