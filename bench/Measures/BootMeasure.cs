using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>boot</c>: the time from <c>xm create</c> to the init's first line on the console, and from the peer's start to the same line. Both sides take
/// turns, so that a busy moment of the machine hits both.
/// </summary>
internal static class BootMeasure
{
    public const string FirstLine = "hospes: init is up";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        List<TimeSpan> ours = [];
        List<TimeSpan> peer = [];
        for (int run = 1; run <= options.Runs; run++)
        {
            await using (OurGuest guest = OurGuest.Start(appliance, options, $"bench{run}", ""))
                ours.Add(await TimeAsync(guest, cancellation));
            await using (PeerGuest guest = PeerGuest.Start(options, ""))
                peer.Add(await TimeAsync(guest, cancellation));
            Console.WriteLine($"boot run {run}: ours={Median.Seconds(ours[^1])}s peer={Median.Seconds(peer[^1])}s");
        }

        double ourMiB = await MemoryAsync(appliance, options, cancellation);
        double theirMiB = await PeerMemoryAsync(options, cancellation);
        TimeSpan our = Median.Of(ours);
        TimeSpan their = Median.Of(peer);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"boot-memory ratio={theirMiB / ourMiB:0.00} ours={ourMiB:0.0}MiB peer={theirMiB:0.0}MiB above the guest's {options.MemoryMiB}MiB"));
        Console.WriteLine($"boot ratio={Median.Ratio(our, their)} ours={Median.Seconds(our)}s peer={Median.Seconds(their)}s runs={options.Runs}");
        return 0;
    }

    // Boots of their own, because the samples would slow a timed one.
    private static async Task<double> MemoryAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        MemorySampler sampler = MemorySampler.Start(appliance.Domains);
        await using (sampler)
        await using (OurGuest guest = OurGuest.Start(appliance, options, "memory", ""))
            await TimeAsync(guest, cancellation);
        return sampler.PeakKiB / 1024.0;
    }

    // The guest's RAM as a memfd, as ours is: it can be told from the rest.
    private static async Task<double> PeerMemoryAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using PeerGuest guest = PeerGuest.Start(
            options, "", null, "-object", $"memory-backend-memfd,id=ram,size={options.MemoryMiB}M,share=on", "-machine", "memory-backend=ram");
        MemorySampler sampler = MemorySampler.Start(guest.ProcessId);
        await using (sampler)
            await TimeAsync(guest, cancellation);
        return sampler.PeakKiB / 1024.0;
    }

    private static async Task<TimeSpan> TimeAsync(IGuestRun guest, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            return await guest.WaitForAsync(FirstLine, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the guest has not said '{FirstLine}' within {Limit.TotalMinutes:0} minutes");
        }
    }
}
