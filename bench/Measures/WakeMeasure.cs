using System.Diagnostics;
using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// How late a guest wakes that sleeps a millisecond at a time, from inside it, and the CPU time that deciding about it costs; beside QEMU under the host's
/// own scheduler, in cgroups of the same weights. Once with the CPU to itself, once with a guest on it that spins.
/// </summary>
internal static class WakeMeasure
{
    private const string Probing = "hospes.probe";

    public static async Task RunAsync(Appliance appliance, BenchOptions options, Figures figures, CancellationToken cancellation)
    {
        string initrd = Path.Combine(appliance.Root, "probe.img");
        await File.WriteAllBytesAsync(initrd, Together(await File.ReadAllBytesAsync(options.Initrd, cancellation)), cancellation);
        BenchOptions probing = options with { Initrd = initrd };
        Report(figures, "idle", await OursAsync(appliance, probing, cancellation), await PeerAsync(options, probing, isContended: false, cancellation));

        Ours ours;
        await using (OurGuest hog = await SchedMeasure.SpinAsync(appliance, options, "hog", "cpus = '0'", cancellation))
            ours = await OursAsync(appliance, probing, cancellation);
        Report(figures, "contended", ours, await PeerAsync(options, probing, isContended: true, cancellation));
    }

    private static async Task<Ours> OursAsync(Appliance appliance, BenchOptions probing, CancellationToken cancellation)
    {
        await using OurGuest guest = OurGuest.Start(appliance, probing, "probe", Probing, "cpus = '0'");
        await SchedMeasure.WaitAsync(guest, WakeProbe.Begins, cancellation);
        string host = await File.ReadAllTextAsync(Path.Combine(appliance.Root, "var/run/xend.pid"), cancellation);
        double before = Deciding(host);
        double allBefore = CpuUse.OfProcess(int.Parse(host.Trim(), CultureInfo.InvariantCulture));
        long began = Stopwatch.GetTimestamp();
        await SchedMeasure.WaitAsync(guest, WakeProbe.Ends, cancellation);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double all = CpuUse.OfProcess(int.Parse(host.Trim(), CultureInfo.InvariantCulture)) - allBefore;
        return new Ours(WakeProbe.Read(guest.Console), (Deciding(host) - before) / seconds, all / seconds, WakeProbe.Sleeps / seconds);
    }

    // The threads of the Host that decide and grant.
    private static double Deciding(string host) => CpuUse.OfThreads(host, "pcpu", "scheduler");

    private static async Task<long[]> PeerAsync(BenchOptions options, BenchOptions probing, bool isContended, CancellationToken cancellation)
    {
        using PeerShare? hogShare = PeerShare.TryMake("hog", 256);
        using PeerShare? probeShare = PeerShare.TryMake("probe", 256);
        if (hogShare is null || probeShare is null)
            Console.WriteLine("# the peer runs without cgroups: they cannot be made here (it takes root)");
        PeerGuest? hog = null;
        try
        {
            if (isContended)
            {
                hog = PeerGuest.Start(options, "hospes.spin", hostCpu: 0);
                hogShare?.Add(hog.ProcessId);
                await SchedMeasure.WaitAsync(hog, "spin: begins", cancellation);
            }

            await using PeerGuest guest = PeerGuest.Start(probing, Probing, hostCpu: 0);
            probeShare?.Add(guest.ProcessId);
            await SchedMeasure.WaitAsync(guest, WakeProbe.Ends, cancellation);
            return WakeProbe.Read(guest.Console);
        }
        finally
        {
            if (hog is not null)
                await hog.DisposeAsync();
        }
    }

    private static byte[] Together(byte[] initrd)
    {
        byte[] padding = new byte[(4 - (initrd.Length % 4)) % 4];
        return [.. initrd, .. padding, .. CpioArchive.Of("bin/wake-probe", WakeProbe.Program())];
    }

    private static void Report(Figures figures, string name, Ours ours, long[] peer)
    {
        double[] us = [.. new[] { At(ours.Late, 50), At(ours.Late, 99), At(peer, 50), At(peer, 99) }.Select(static nanoseconds => nanoseconds / 1e3)];
        figures.Add(
            $"sched-wake-{name}",
            new Figure("ratio", us[2] / us[0], "0.00"), new Figure("p50", us[0], "0'us'"), new Figure("p99", us[1], "0'us'"),
            new Figure("peer-p50", us[2], "0'us'"), new Figure("peer-p99", us[3], "0'us'"));
        figures.Add($"sched-overhead-{name}", new Figure("fraction", ours.Overhead), new Figure("whole-host", ours.Host), new Figure("wakeups-per-second", ours.Rate, "0"));
    }

    private static double At(long[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    /// <summary>
    /// How late each wake-up was; and while they came, how much of a CPU the Host took to decide, and for everything it did, and how many there were in a second.
    /// </summary>
    private sealed record Ours(long[] Late, double Overhead, double Host, double Rate);
}
