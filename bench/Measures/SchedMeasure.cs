using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>sched</c>: what the schedulers promise, on live guests. Shares and guarantees of guests that spin; how late a guest wakes that sleeps a
/// millisecond at a time, on an idle and on a contended CPU, beside QEMU's under the host's own scheduler with the same weights; and what it costs.
/// </summary>
internal static class SchedMeasure
{
    private const string Spins = "spin: begins";
    private const int GuestMiB = 128;

    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        options = options with { MemoryMiB = GuestMiB };
        if (Environment.ProcessorCount < 2)
            throw new BenchException("schedulers are measured on 2 CPUs, and this process may use one only");
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        for (int run = 1; run <= options.Runs; run++)
        {
            Console.WriteLine($"# run {run} of {options.Runs}, load {(await File.ReadAllTextAsync("/proc/loadavg", cancellation)).Split(' ')[0]}");
            await ChooseAsync(appliance, options, "credit", cancellation);
            await WeightsAsync(appliance, options, cancellation);
            await CapAsync(appliance, options, cancellation);
            await WakeMeasure.RunAsync(appliance, options, cancellation);
            await ChooseAsync(appliance, options, "sedf", cancellation);
            await GuaranteesAsync(appliance, options, cancellation);
        }

        return 0;
    }

    /// <summary>A guest that spins, once it does.</summary>
    internal static async Task<OurGuest> SpinAsync(Appliance appliance, BenchOptions options, string name, string settings, CancellationToken cancellation)
    {
        OurGuest guest = OurGuest.Start(appliance, options, name, "hospes.spin", settings);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Boot);
        await guest.WaitForAsync(Spins, limit.Token);
        return guest;
    }

    internal static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static async Task WeightsAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        await using OurGuest heavy = await SpinAsync(appliance, options, "heavy", "cpu_weight = 512", cancellation);
        await using OurGuest first = await SpinAsync(appliance, options, "first", "cpu_weight = 256", cancellation);
        await using OurGuest second = await SpinAsync(appliance, options, "second", "cpu_weight = 256", cancellation);
        (Dictionary<string, double> counted, Dictionary<string, double> kernel) = await WatchAsync(appliance, cancellation);
        (string, double)[] ideal = [("heavy", 0.5), ("first", 0.25), ("second", 0.25)];
        Report("sched-weights", counted, ideal);
        Report("sched-weights-by-kernel", kernel, ideal);
    }

    private static async Task CapAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        await using OurGuest capped = await SpinAsync(appliance, options, "capped", "cpu_cap = 50", cancellation);
        (Dictionary<string, double> counted, Dictionary<string, double> kernel) = await WatchAsync(appliance, cancellation);
        Console.WriteLine($"sched-cap error={Number(Math.Abs(counted["capped"] - 0.5) / 0.5)} share={Number(counted["capped"])} by-kernel={Number(kernel["capped"])}");
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
    private static void Report(string name, Dictionary<string, double> rates, (string Domain, double Share)[] ideal)
    {
        double all = rates.Values.Sum();
        double error = ideal.Max(wanted => Math.Abs((rates[wanted.Domain] / all) - wanted.Share) / wanted.Share);
        string shares = string.Join(':', ideal.Select(wanted => Number(rates[wanted.Domain] / all)));
        Console.WriteLine($"{name} error={Number(error)} shares={shares} cpus={Number(all)}");
    }

    private static async Task GuaranteesAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        // All on one CPU: two with guarantees of 25 % and 30 %, two that take what is left.
        await using OurGuest first = await SpinAsync(appliance, options, "first", "cpus = '0'", cancellation);
        await using OurGuest second = await SpinAsync(appliance, options, "second", "cpus = '0'", cancellation);
        await using OurGuest hog = await SpinAsync(appliance, options, "hog", "cpus = '0'", cancellation);
        await using OurGuest other = await SpinAsync(appliance, options, "other", "cpus = '0'", cancellation);
        await Tool.RunAsync(appliance.Xm("sched-sedf", "first", "-p", "20", "-s", "5", "-e", "0"), cancellation);
        await Tool.RunAsync(appliance.Xm("sched-sedf", "second", "-p", "10", "-s", "3", "-e", "0"), cancellation);
        await Task.Delay(Settle, cancellation);
        Guarantee[] guarantees = [new("first", 0.020, 0.005), new("second", 0.010, 0.003)];
        CpuUse start = await CpuUse.TakeAsync(appliance, cancellation);
        CpuUse last = start;
        int misses = 0;
        int windows = 0;
        while (System.Diagnostics.Stopwatch.GetElapsedTime(start.Taken) < Span)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation);
            CpuUse now = await CpuUse.TakeAsync(appliance, cancellation);
            double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(last.Taken, now.Taken).TotalSeconds;
            foreach (Guarantee guarantee in guarantees)
            {
                windows++;
                misses += now.Counted[guarantee.Domain] - last.Counted[guarantee.Domain] < guarantee.LeastIn(seconds) ? 1 : 0;
            }

            last = now;
        }

        Dictionary<string, double> shares = last.Since(start);
        double error = guarantees.Max(guarantee => Math.Max(0, guarantee.Share - shares[guarantee.Domain]) / guarantee.Share);
        Console.WriteLine($"sched-sedf error={Number(error)} misses={misses} windows={windows} shares={string.Join(':', guarantees.Select(each => Number(shares[each.Domain])))}");
    }

    private static async Task ChooseAsync(Appliance appliance, BenchOptions options, string scheduler, CancellationToken cancellation) =>
        await Tool.RunAsync(appliance.Command(options.HostProgram, "scheduler", "set", scheduler), cancellation);

    /// <summary>What sedf has promised a domain.</summary>
    private sealed record Guarantee(string Domain, double Period, double Slice)
    {
        // The moments are known to about this much: a tool is started to ask.
        private const double Uncertainty = 0.02;

        public double Share => Slice / Period;

        /// <summary>What any stretch of this many seconds must hold: the slices of all periods that lie in it whole.</summary>
        public double LeastIn(double seconds) => Math.Max(0, Math.Floor((seconds - Uncertainty) / Period) - 1) * Slice;
    }
}
