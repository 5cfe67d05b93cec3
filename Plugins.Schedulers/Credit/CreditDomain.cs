using Hospes.Sdk;

namespace Hospes.Schedulers.Credit;

/// <summary>A domain: what it is entitled to.</summary>
internal sealed class CreditDomain(DomainId id)
{
    internal const long DefaultWeight = 256;
    internal const long HeaviestWeight = 65535;

    internal DomainId Id { get; } = id;

    /// <summary>Its share relative to the other domains'.</summary>
    internal long Weight { get; set; } = DefaultWeight;

    /// <summary>The most it may have, in percent of one pCPU; 0: no limit.</summary>
    internal long Cap { get; set; }

    internal List<CreditVcpu> Vcpus { get; } = [];

    /// <summary>vCPUs that take part in the accounting.</summary>
    internal int Active => Vcpus.Count(static vcpu => vcpu.IsActive);
}
