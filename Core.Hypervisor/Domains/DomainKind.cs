namespace Hospes.Hypervisor.Domains;

/// <summary>What kind of machine a guest sees.</summary>
public enum DomainKind
{
    /// <summary>Direct boot by the PVH entry: Xen interfaces, no emulated PC.</summary>
    Pvh,

    /// <summary>The classic paravirtual interface.</summary>
    Pv,

    /// <summary>An emulated PC.</summary>
    Hvm,
}
