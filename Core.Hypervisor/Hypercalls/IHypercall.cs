using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>One hypercall, or a family of sub-operations under one number. Shared by a domain's vCPUs; must neither throw nor allocate.</summary>
internal interface IHypercall
{
    /// <summary>Acts, and answers the hypercall's result: zero or positive, or an <see cref="Errno"/>.</summary>
    long Call(GuestCaller caller, in HypercallFrame frame);
}
