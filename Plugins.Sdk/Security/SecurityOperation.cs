namespace Hospes.Sdk.Security;

/// <summary>What is mediated.</summary>
public enum SecurityOperation
{
    /// <summary>A domain is made.</summary>
    DomainCreate,

    /// <summary>A saved domain is to run again.</summary>
    DomainResume,

    /// <summary>A domain comes from another machine.</summary>
    MigrateIn,

    /// <summary>An event channel is offered to another domain (alloc-unbound).</summary>
    EventChannelOffer,

    /// <summary>An event channel is bound to another domain's.</summary>
    EventChannelBind,

    /// <summary>A page that another domain has granted is mapped.</summary>
    GrantMap,

    /// <summary>Data are copied to or from a page that another domain has granted.</summary>
    GrantCopy,

    /// <summary>A page is given to another domain.</summary>
    GrantTransfer,

    /// <summary>A store node of another domain is read or written.</summary>
    StoreAccess,

    /// <summary>A disk is attached.</summary>
    BlockAttach,

    /// <summary>A network interface is attached.</summary>
    NetworkAttach,

    /// <summary>A PCI device is given away.</summary>
    PciAttach,

    /// <summary>A virtual TPM is attached.</summary>
    TpmAttach,
}
