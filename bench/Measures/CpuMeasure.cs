using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>cpu</c>: work that a guest does by itself, timed from outside by the lines it writes before and after. The guest's script
/// <c>scripts/guest/work</c> says what the work is; each of its parts is reported.
/// </summary>
internal static class CpuMeasure
{
    private const string CommandLine = "hospes.work";

    private static readonly string[] Parts = ["shell", "hash", "calls"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        Dictionary<string, List<TimeSpan>> ours = Parts.ToDictionary(static part => part, static _ => new List<TimeSpan>(), StringComparer.Ordinal);
        Dictionary<string, List<TimeSpan>> peer = Parts.ToDictionary(static part => part, static _ => new List<TimeSpan>(), StringComparer.Ordinal);
        for (int run = 1; run <= options.Runs; run++)
        {
            await using (OurGuest guest = OurGuest.Start(appliance, options, $"bench{run}", CommandLine))
                await TimeAsync(guest, ours, cancellation);
            await using (PeerGuest guest = PeerGuest.Start(options, CommandLine))
                await TimeAsync(guest, peer, cancellation);
        }

        foreach (string part in Parts)
        {
            TimeSpan our = Median.Of(ours[part]);
            TimeSpan their = Median.Of(peer[part]);
            Console.WriteLine($"cpu-{part} ratio={Median.Ratio(our, their)} ours={Median.Seconds(our)}s peer={Median.Seconds(their)}s runs={options.Runs}");
        }

        return 0;
    }

    private static async Task TimeAsync(IGuestRun guest, Dictionary<string, List<TimeSpan>> times, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            foreach (string part in Parts)
            {
                TimeSpan begin = await guest.WaitForAsync($"work: {part} begins", limit.Token);
                times[part].Add(await guest.WaitForAsync($"work: {part} ends", limit.Token) - begin);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the guest's work was not done within {Limit.TotalMinutes:0} minutes");
        }
    }
}
