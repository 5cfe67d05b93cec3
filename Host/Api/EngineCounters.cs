namespace Hospes.Host.Api;

/// <summary>GET engine: what the engine that runs a domain has counted, by names of the engine's own.</summary>
internal sealed record EngineCounters(int Domid, string Name, IReadOnlyDictionary<string, long> Counters)
{
    /// <summary>Between two looks at the counters; only where there were two.</summary>
    public double? Seconds { get; init; }

    /// <summary>How fast those counters grew meanwhile that are no amounts.</summary>
    public IReadOnlyDictionary<string, double>? PerSecond { get; init; }

    /// <summary>Whether a counter is an amount, which may shrink.</summary>
    public static bool IsAmount(string name) => name.EndsWith("-used", StringComparison.Ordinal) || name.EndsWith("-reserved", StringComparison.Ordinal);

    /// <summary>These with rates since an earlier look; without them when it was at another domain's.</summary>
    public EngineCounters Since(EngineCounters earlier, TimeSpan time)
    {
        if (earlier.Domid != Domid || time <= TimeSpan.Zero)
            return this;
        Dictionary<string, double> rates = new(StringComparer.Ordinal);
        foreach ((string name, long value) in Counters)
        {
            if (!IsAmount(name))
                rates[name] = Math.Round((value - earlier.Counters.GetValueOrDefault(name)) / time.TotalSeconds, 3);
        }

        return this with { Seconds = Math.Round(time.TotalSeconds, 3), PerSecond = rates };
    }
}
