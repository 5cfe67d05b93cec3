using Hospes.Host.Scheduling;
using Hospes.Sdk;
using Hospes.Sxp;

namespace Hospes.Host.Domains;

/// <summary>
/// Reads what a <c>(vm ...)</c> form says about the domain's share of the CPUs (fact sheet "Domain configuration", section 3). Checked here and not by
/// the scheduler alone: the one in charge may know nothing of weights, and the next one must be able to take them.
/// </summary>
internal static class TuningReader
{
    private const string WeightKey = "cpu_weight";
    private const string CapKey = "cpu_cap";
    private const int HeaviestWeight = 65535;
    private const int CapPerVcpu = 100;

    /// <summary>The variables that are kept for schedulers, with what they are when nobody sets them.</summary>
    public const int DefaultWeight = 256;

    /// <summary>The share in a form.</summary>
    /// <exception cref="XendException">It is not one; the message says what is wrong with which key.</exception>
    public static DomainTuning Read(SxpList form, int vcpus)
    {
        int weight = VmConfigurationReader.Number(form, WeightKey, DefaultWeight);
        int cap = VmConfigurationReader.Number(form, CapKey, 0);
        if (weight is < 1 or > HeaviestWeight)
            throw VmConfigurationReader.Invalid($"{WeightKey} is out of range: {weight} is not between 1 and {HeaviestWeight}");
        if (cap < 0 || cap > CapPerVcpu * vcpus)
            throw VmConfigurationReader.Invalid($"{CapKey} is out of range: {cap} is not between 0 and {CapPerVcpu * vcpus} ({CapPerVcpu} for each VCPU)");
        DomainTuning tuning = DomainTuning.Default;
        if (form.ValueText(WeightKey) is not (null or ""))
            tuning = tuning with { Configured = tuning.Configured.Add(WeightKey, weight) };
        if (form.ValueText(CapKey) is not (null or ""))
            tuning = tuning with { Configured = tuning.Configured.Add(CapKey, cap) };
        return tuning;
    }

    /// <summary>Where the form's vCPUs may run. Apart from the rest because it takes the machine to say: which pCPUs there are.</summary>
    /// <exception cref="XendException">The list is none, or names a pCPU that there is not.</exception>
    public static DomainTuning Confine(DomainTuning tuning, string? list, int vcpus, int pcpus)
    {
        if (list is null)
            return tuning;
        try
        {
            PcpuSet allowed = PcpuList.Parse(list, pcpus);
            return tuning with { Affinity = tuning.Affinity.AddRange(Enumerable.Range(0, vcpus).Select(vcpu => KeyValuePair.Create(vcpu, allowed))) };
        }
        catch (FormatException wrong)
        {
            throw VmConfigurationReader.Invalid($"cpus: {wrong.Message}");
        }
    }

    /// <summary>The list of pCPUs in a form: <c>cpu</c>, which is deprecated, goes before <c>cpus</c>. Null: everywhere.</summary>
    public static string? List(SxpList form)
    {
        string? cpu = form.ValueText("cpu") is { Length: > 0 } one && one != "-1" ? one : null;
        string? cpus = form.ValueText("cpus") is { Length: > 0 } several ? several : null;
        return cpu is null || cpus is null ? cpu ?? cpus : $"{cpu},{cpus}";
    }
}
