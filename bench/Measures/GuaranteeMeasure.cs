using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>Whether guests get what <c>sedf</c> has guaranteed them, under guests that take whatever is left.</summary>
internal static class GuaranteeMeasure
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(Appliance appliance, BenchOptions options, Figures figures, CancellationToken cancellation)
    {
        // All on one CPU: two with guarantees of 25 % and 30 %, two that take what is left.
        await using OurGuest first = await SchedMeasure.SpinAsync(appliance, options, "first", "cpus = '0'", cancellation);
        await using OurGuest second = await SchedMeasure.SpinAsync(appliance, options, "second", "cpus = '0'", cancellation);
        await using OurGuest hog = await SchedMeasure.SpinAsync(appliance, options, "hog", "cpus = '0'", cancellation);
        await using OurGuest other = await SchedMeasure.SpinAsync(appliance, options, "other", "cpus = '0'", cancellation);
        await Tool.RunAsync(appliance.Xm("sched-sedf", "first", "-p", "20", "-s", "5", "-e", "0"), cancellation);
        await Tool.RunAsync(appliance.Xm("sched-sedf", "second", "-p", "10", "-s", "3", "-e", "0"), cancellation);
        await Task.Delay(Settle, cancellation);
        Guarantee[] guarantees = [new("first", 0.020, 0.005), new("second", 0.010, 0.003)];
        CpuUse start = await CpuUse.TakeAsync(appliance, cancellation);
        CpuUse last = start;
        int misses = 0;
        int windows = 0;
        while (last.SecondsSince(start) < Span.TotalSeconds)
        {
            await Task.Delay(Window, cancellation);
            CpuUse now = await CpuUse.TakeAsync(appliance, cancellation);
            double seconds = now.AtLeastSince(last);
            foreach (Guarantee guarantee in guarantees)
            {
                windows++;
                misses += now.Counted[guarantee.Domain] - last.Counted[guarantee.Domain] < guarantee.LeastIn(seconds) ? 1 : 0;
            }

            last = now;
        }

        Dictionary<string, double> shares = last.Since(start);
        double error = guarantees.Max(guarantee => Math.Max(0, guarantee.Share - shares[guarantee.Domain]) / guarantee.Share);
        figures.Add(
            "sched-sedf",
            [
                new Figure("error", error), new Figure("misses", misses, "0"), new Figure("windows", windows, "0"),
                .. guarantees.Select(each => new Figure(each.Domain, shares[each.Domain])),
            ]);
    }

    /// <summary>What sedf has promised a domain.</summary>
    private sealed record Guarantee(string Domain, double Period, double Slice)
    {
        public double Share => Slice / Period;

        /// <summary>What any stretch of this many seconds must hold: the slices of all periods that lie in it whole.</summary>
        public double LeastIn(double seconds) => Math.Max(0, Math.Floor(seconds / Period) - 1) * Slice;
    }
}
