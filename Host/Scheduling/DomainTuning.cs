using System.Collections.Immutable;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// What people have said about a domain's share of the CPUs. Kept apart from any scheduler, so that a change of schedulers, or a reboot of the domain,
/// loses nothing of it.
/// </summary>
internal sealed record DomainTuning
{
    /// <summary>Nothing was said.</summary>
    internal static readonly DomainTuning Default = new();

    /// <summary>Parameters that a variable of the configuration sets, by that variable: every scheduler that knows it takes it.</summary>
    internal ImmutableSortedDictionary<string, long> Configured { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Parameters of one scheduler alone, by its name and theirs.</summary>
    internal ImmutableSortedDictionary<(string Scheduler, string Parameter), long> Own { get; init; } =
        ImmutableSortedDictionary<(string, string), long>.Empty;

    /// <summary>Where vCPUs may run, by their number; those that are not here: everywhere.</summary>
    internal ImmutableSortedDictionary<int, PcpuSet> Affinity { get; init; } = ImmutableSortedDictionary<int, PcpuSet>.Empty;

    /// <summary>Where a vCPU may run.</summary>
    internal PcpuSet AffinityOf(VcpuId vcpu) => Affinity.GetValueOrDefault(vcpu.Value, PcpuSet.All);

    /// <summary>What there is to tell a scheduler with these parameters.</summary>
    internal IReadOnlyDictionary<string, long> ValuesFor(string scheduler, IReadOnlyList<SchedulerParameter> parameters)
    {
        Dictionary<string, long> values = new(StringComparer.Ordinal);
        foreach (SchedulerParameter parameter in parameters)
        {
            if (parameter.ConfigurationKey is { } key ? Configured.TryGetValue(key, out long value) : Own.TryGetValue((scheduler, parameter.Name), out value))
                values.Add(parameter.Name, value);
        }

        return values;
    }

    /// <summary>With what a scheduler's parameters are now.</summary>
    internal DomainTuning With(string scheduler, IReadOnlyList<SchedulerParameter> parameters, IReadOnlyDictionary<string, long> values)
    {
        DomainTuning tuning = this;
        foreach (SchedulerParameter parameter in parameters)
        {
            if (!values.TryGetValue(parameter.Name, out long value))
                continue;
            tuning = parameter.ConfigurationKey is { } key
                ? tuning with { Configured = tuning.Configured.SetItem(key, value) }
                : tuning with { Own = tuning.Own.SetItem((scheduler, parameter.Name), value) };
        }

        return tuning;
    }
}
