using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Sedf;

/// <summary>What was asked for a domain, in one of five styles (fact sheet "CPU schedulers", 3.2).</summary>
/// <param name="Period">How often the slice is due, and by when.</param>
/// <param name="Slice">CPU time guaranteed in each period.</param>
/// <param name="Latency">A hint that is kept and not used.</param>
/// <param name="TakesExtra">Takes part in sharing the time that nobody has reserved.</param>
/// <param name="Weight">Instead of period and slice; 0: not by weight.</param>
internal sealed record SedfParameters(Nanoseconds Period, Nanoseconds Slice, Nanoseconds Latency, bool TakesExtra, long Weight)
{
    internal const string PeriodName = "period";
    internal const string SliceName = "slice";
    internal const string LatencyName = "latency";
    internal const string ExtraName = "extratime";
    internal const string WeightName = "weight";

    internal static readonly Nanoseconds WeightPeriod = Nanoseconds.FromMilliseconds(100);

    /// <summary>Best effort.</summary>
    internal static readonly SedfParameters Default = new(WeightPeriod, default, default, TakesExtra: true, Weight: 0);

    internal static readonly IReadOnlyList<SchedulerParameter> All =
    [
        new(PeriodName, Default.Period.Value, "ns"),
        new(SliceName, 0, "ns"),
        new(LatencyName, 0, "ns"),
        new(ExtraName, 1),
        new(WeightName, 0),
    ];

    private const long HeaviestWeight = 1_000_000;
    private static readonly Nanoseconds ShortestPeriod = new(10_000);
    private static readonly Nanoseconds LongestPeriod = Nanoseconds.FromMilliseconds(10_000);
    private static readonly Nanoseconds ShortestSlice = new(5_000);

    /// <summary>A guaranteed slice that is computed from the weight.</summary>
    internal bool IsByWeight => Weight > 0 && !IsExtraByWeight;

    /// <summary>No guarantee; a share of the extra time by weight.</summary>
    internal bool IsExtraByWeight => Weight > 0 && TakesExtra && Period == default;

    internal Dictionary<string, long> ToValues() => new(StringComparer.Ordinal)
    {
        [PeriodName] = Period.Value,
        [SliceName] = Slice.Value,
        [LatencyName] = Latency.Value,
        [ExtraName] = TakesExtra ? 1 : 0,
        [WeightName] = Weight,
    };

    /// <exception cref="SchedulerParameterException">They make no sense together.</exception>
    internal SedfParameters With(IReadOnlyDictionary<string, long> values)
    {
        long extra = values.GetValueOrDefault(ExtraName, TakesExtra ? 1 : 0);
        if (extra is not (0 or 1))
            throw new SchedulerParameterException($"{ExtraName} is {extra}; 0 or 1 is allowed");
        SedfParameters changed = new(
            new Nanoseconds(values.GetValueOrDefault(PeriodName, Period.Value)),
            new Nanoseconds(values.GetValueOrDefault(SliceName, Slice.Value)),
            new Nanoseconds(values.GetValueOrDefault(LatencyName, Latency.Value)),
            extra == 1,
            values.GetValueOrDefault(WeightName, Weight));
        changed.Check();
        return changed;
    }

    private void Check()
    {
        if (Weight is < 0 or > HeaviestWeight)
            throw new SchedulerParameterException($"{WeightName} is {Weight}; 0 (none) to {HeaviestWeight} is allowed");
        if (Latency < default(Nanoseconds))
            throw new SchedulerParameterException($"{LatencyName} is negative");
        if (Weight > 0)
            return;
        if (Period == default)
            throw new SchedulerParameterException($"without a {WeightName} there has to be a {PeriodName}");
        if (Period < ShortestPeriod || Period > LongestPeriod)
            throw new SchedulerParameterException($"{PeriodName} is {Period}; {ShortestPeriod} to {LongestPeriod} is allowed");
        if (Slice == default && TakesExtra)
            return;
        if (Slice < ShortestSlice || Slice > Period)
            throw new SchedulerParameterException($"{SliceName} is {Slice}; {ShortestSlice} to the {PeriodName} of {Period} is allowed, or 0 with {ExtraName}");
    }
}
