using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// What a second vCPU brings: twice the time of one unit of work by itself over the time of two units at once, in a guest of two vCPUs (2: all that can
/// be). The guest's script <c>scripts/guest/scale</c> says what the work is.
/// </summary>
internal static class ScalingMeasure
{
    private const string Scales = "hospes.scale";
    private const int Rounds = 3;

    public static async Task RunAsync(Appliance appliance, BenchOptions options, Figures figures, CancellationToken cancellation)
    {
        (double Scaling, double Unit) ours;
        (double Scaling, double Unit) peer;
        await using (OurGuest guest = OurGuest.Start(appliance, options, "scale", Scales, "vcpus = 2"))
            ours = await TakeAsync(guest, cancellation);
        await using (PeerGuest guest = PeerGuest.Start(options, Scales, hostCpu: null, "-smp", "2"))
            peer = await TakeAsync(guest, cancellation);
        figures.Add(
            "sched-smp",
            new Figure("scaling", ours.Scaling, "0.00"), new Figure("peer-scaling", peer.Scaling, "0.00"),
            new Figure("unit", ours.Unit, "0.00's'"), new Figure("peer-unit", peer.Unit, "0.00's'"));
    }

    private static async Task<(double Scaling, double Unit)> TakeAsync(IGuestRun guest, CancellationToken cancellation)
    {
        List<double> one = [];
        List<double> two = [];
        for (int round = 1; round <= Rounds; round++)
        {
            one.Add(await TimeAsync(guest, $"scale: one {round}", cancellation));
            two.Add(await TimeAsync(guest, $"scale: two {round}", cancellation));
        }

        return (2 * Figures.Median(one) / Figures.Median(two), Figures.Median(one));
    }

    private static async Task<double> TimeAsync(IGuestRun guest, string what, CancellationToken cancellation)
    {
        TimeSpan begin = await SchedMeasure.WaitAsync(guest, $"{what} begins", cancellation);
        return (await SchedMeasure.WaitAsync(guest, $"{what} ends", cancellation) - begin).TotalSeconds;
    }
}
