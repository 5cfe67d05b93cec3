using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>sched</c>: what the schedulers promise, on live guests: shares and guarantees of guests that spin; how late a guest wakes; what deciding costs; what
/// a second CPU brings a guest.
/// </summary>
internal static class SchedMeasure
{
    private const string Spins = "spin: begins";
    private const int GuestMiB = 128;

    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(2);

    private static readonly (string Name, string Scheduler, Func<Appliance, BenchOptions, Figures, CancellationToken, Task> Measure)[] Parts =
    [
        ("weights", "credit", SharesMeasure.WeightsAsync),
        ("cap", "credit", SharesMeasure.CapAsync),
        ("wake", "credit", WakeMeasure.RunAsync),
        ("smp", "credit", ScalingMeasure.RunAsync),
        ("sedf", "sedf", GuaranteeMeasure.RunAsync),
    ];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        options = options with { MemoryMiB = GuestMiB };
        if (Environment.ProcessorCount < 2)
            throw new BenchException("schedulers are measured on 2 CPUs, and this process may use one only");
        if (options.Only.FirstOrDefault(static name => !Parts.Any(part => part.Name == name)) is { } unknown)
            throw new BenchException($"there is no part '{unknown}'; known ones: {string.Join(", ", Parts.Select(static part => part.Name))}");
        Figures figures = new();
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        for (int run = 1; run <= options.Runs; run++)
        {
            Console.WriteLine($"# run {run} of {options.Runs}, load {(await File.ReadAllTextAsync("/proc/loadavg", cancellation)).Split(' ')[0]}");
            foreach ((string name, string scheduler, Func<Appliance, BenchOptions, Figures, CancellationToken, Task> measure) in Parts)
            {
                if (options.Only.Count > 0 && !options.Only.Contains(name))
                    continue;
                await Tool.RunAsync(appliance.Command(options.HostProgram, "scheduler", "set", scheduler), cancellation);
                await measure(appliance, options, figures, cancellation);
            }
        }

        figures.Summarise();
        return 0;
    }

    /// <summary>A guest that spins, once it does.</summary>
    internal static async Task<OurGuest> SpinAsync(Appliance appliance, BenchOptions options, string name, string settings, CancellationToken cancellation)
    {
        OurGuest guest = OurGuest.Start(appliance, options, name, "hospes.spin", settings);
        await WaitAsync(guest, Spins, cancellation);
        return guest;
    }

    /// <summary>Waits for a guest's words, but not for ever.</summary>
    internal static async Task<TimeSpan> WaitAsync(IGuestRun guest, string text, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Boot);
        try
        {
            return await guest.WaitForAsync(text, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"a guest did not say '{text}' within {Boot.TotalMinutes:0} minutes");
        }
    }
}
