namespace Hospes.Host.Domains;

/// <summary>Where a domain is in its life (fact sheet "xend", section 4).</summary>
internal enum DomainPhase
{
    /// <summary>Being built; not listed yet, but its name is taken.</summary>
    Creating,

    /// <summary>Its vCPUs run, unless paused.</summary>
    Live,

    /// <summary>The guest has shut itself down.</summary>
    ShutDown,

    /// <summary>The guest or its process has crashed.</summary>
    Crashed,

    /// <summary>Being taken away.</summary>
    Dying,
}
