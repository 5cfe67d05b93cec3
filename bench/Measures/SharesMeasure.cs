using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>Shares of guests that spin under <c>credit</c>, as the appliance counts them; beside them as the host's kernel counts their threads' time.</summary>
internal static class SharesMeasure
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public static async Task WeightsAsync(Appliance appliance, BenchOptions options, Figures figures, CancellationToken cancellation)
    {
        await using OurGuest heavy = await SchedMeasure.SpinAsync(appliance, options, "heavy", "cpu_weight = 512", cancellation);
        await using OurGuest first = await SchedMeasure.SpinAsync(appliance, options, "first", "cpu_weight = 256", cancellation);
        await using OurGuest second = await SchedMeasure.SpinAsync(appliance, options, "second", "cpu_weight = 256", cancellation);
        (Dictionary<string, double> counted, Dictionary<string, double> kernel) = await WatchAsync(appliance, cancellation);
        (string, double)[] ideal = [("heavy", 0.5), ("first", 0.25), ("second", 0.25)];
        Report(figures, "sched-weights", counted, ideal);
        Report(figures, "sched-weights-by-kernel", kernel, ideal);
    }

    public static async Task CapAsync(Appliance appliance, BenchOptions options, Figures figures, CancellationToken cancellation)
    {
        await using OurGuest capped = await SchedMeasure.SpinAsync(appliance, options, "capped", "cpu_cap = 50", cancellation);
        (Dictionary<string, double> counted, Dictionary<string, double> kernel) = await WatchAsync(appliance, cancellation);
        figures.Add("sched-cap", new Figure("error", Math.Abs(counted["capped"] - 0.5) / 0.5), new Figure("share", counted["capped"]), new Figure("by-kernel", kernel["capped"]));
    }

    private static async Task<(Dictionary<string, double> Counted, Dictionary<string, double> Kernel)> WatchAsync(Appliance appliance, CancellationToken cancellation)
    {
        await Task.Delay(Settle, cancellation);
        CpuUse before = await CpuUse.TakeAsync(appliance, cancellation);
        await Task.Delay(Span, cancellation);
        CpuUse after = await CpuUse.TakeAsync(appliance, cancellation);
        return (after.Since(before), after.ByKernelSince(before));
    }

    // Of what the domains have had together: what the host's other work takes does not count against the scheduler.
    private static void Report(Figures figures, string name, Dictionary<string, double> rates, (string Domain, double Share)[] ideal)
    {
        double all = rates.Values.Sum();
        double error = ideal.Max(wanted => Math.Abs((rates[wanted.Domain] / all) - wanted.Share) / wanted.Share);
        figures.Add(name, [new Figure("error", error), .. ideal.Select(wanted => new Figure(wanted.Domain, rates[wanted.Domain] / all)), new Figure("cpus", all)]);
    }
}
