using System.Diagnostics;
using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>How late a guest wakes, from inside it, and the CPU time that our scheduler spends on a thousand wake-ups a second.</summary>
internal static class WakeMeasure
{
    private const string Probing = "hospes.probe";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static async Task RunAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        string initrd = Path.Combine(appliance.Root, "probe.img");
        await File.WriteAllBytesAsync(initrd, Together(await File.ReadAllBytesAsync(options.Initrd, cancellation)), cancellation);
        BenchOptions probing = options with { Initrd = initrd };
        Report("sched-wake-idle", await OursAsync(appliance, probing, cancellation), await PeerAsync(options, probing, isContended: false, cancellation));

        await using (OurGuest hog = await SchedMeasure.SpinAsync(appliance, options, "hog", "cpus = '0'", cancellation))
        {
            long[] ours = await OursAsync(appliance, probing, cancellation);
            Report("sched-wake-contended", ours, await PeerAsync(options, probing, isContended: true, cancellation));
        }
    }

    private static async Task<long[]> OursAsync(Appliance appliance, BenchOptions probing, CancellationToken cancellation)
    {
        await using OurGuest guest = OurGuest.Start(appliance, probing, "probe", Probing, "cpus = '0'");
        await WaitAsync(guest, WakeProbe.Begins, cancellation);
        int host = int.Parse((await File.ReadAllTextAsync(Path.Combine(appliance.Root, "var/run/xend.pid"), cancellation)).Trim(), CultureInfo.InvariantCulture);
        double before = CpuUse.OfProcess(host);
        long began = Stopwatch.GetTimestamp();
        await WaitAsync(guest, WakeProbe.Ends, cancellation);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double used = CpuUse.OfProcess(host) - before;
        Console.WriteLine($"sched-overhead fraction={SchedMeasure.Number(used / seconds)} wakeups-per-second={WakeProbe.Sleeps / seconds:0}");
        return WakeProbe.Read(guest.Console);
    }

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
                await WaitAsync(hog, "spin: begins", cancellation);
            }

            await using PeerGuest guest = PeerGuest.Start(probing, Probing, hostCpu: 0);
            probeShare?.Add(guest.ProcessId);
            await WaitAsync(guest, WakeProbe.Ends, cancellation);
            return WakeProbe.Read(guest.Console);
        }
        finally
        {
            if (hog is not null)
                await hog.DisposeAsync();
        }
    }

    private static async Task WaitAsync(IGuestRun guest, string text, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        await guest.WaitForAsync(text, limit.Token);
    }

    private static byte[] Together(byte[] initrd)
    {
        byte[] padding = new byte[(4 - (initrd.Length % 4)) % 4];
        return [.. initrd, .. padding, .. CpioArchive.Of("bin/wake-probe", WakeProbe.Program())];
    }

    private static void Report(string name, long[] ours, long[] peer) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name} ratio={(double)At(peer, 50) / At(ours, 50):0.00} p50={At(ours, 50) / 1000}us p99={At(ours, 99) / 1000}us peer-p50={At(peer, 50) / 1000}us peer-p99={At(peer, 99) / 1000}us"));

    private static long At(long[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
}
