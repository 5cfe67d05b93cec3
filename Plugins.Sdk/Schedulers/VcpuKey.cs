namespace Hospes.Sdk.Schedulers;

/// <summary>One vCPU of one domain, as schedulers tell them apart.</summary>
/// <param name="Domain">Its domain.</param>
/// <param name="Vcpu">Its number there.</param>
public readonly record struct VcpuKey(DomainId Domain, VcpuId Vcpu)
{
    /// <summary>As in <c>d3v0</c>.</summary>
    public override string ToString() => $"d{Domain}v{Vcpu}";
}
