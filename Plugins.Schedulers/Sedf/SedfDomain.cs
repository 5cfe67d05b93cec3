namespace Hospes.Schedulers.Sedf;

/// <summary>A domain and what was asked for it; each of its vCPUs gets that.</summary>
internal sealed class SedfDomain
{
    internal SedfParameters Parameters { get; set; } = SedfParameters.Default;

    internal List<SedfVcpu> Vcpus { get; } = [];
}
