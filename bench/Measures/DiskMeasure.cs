using System.Globalization;
using System.Text.RegularExpressions;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>disk</c>: fio inside the guest on a disk of the same content, past the host's cache on both sides. <c>scripts/guest/disk</c> says what the jobs
/// are. Two further guests of ours go through the host's cache: one with a qcow2 image that is filled already, one with a raw image, by which the first is judged. <c>guest-cpu</c> is how much of one CPU our
/// guest's vCPU had meanwhile, by the host's kernel: near 100 % fio and the guest's kernel are the limit, not the disk.
/// </summary>
internal static class DiskMeasure
{
    private const long DiskBytes = 1L << 30;

    private static readonly string[] Jobs = ["write", "read", "randread-1", "randread-32", "randwrite-1", "randwrite-32"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        string fio = Environment.GetEnvironmentVariable("HOSPES_BENCH_FIO") is { Length: > 0 } path && File.Exists(path)
            ? path
            : throw new BenchException("HOSPES_BENCH_FIO names no image; run './hospes bench disk', which makes it");
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        string raw = Path.Combine(appliance.Root, "raw.img");
        string qcowImage = Path.Combine(appliance.Root, "disk.qcow2");
        await FillAsync(raw, cancellation);
        await Tool.RunAsync(appliance.Command(options.HostProgram, "image", "convert", "--to", "qcow2", raw, qcowImage), cancellation);
        Dictionary<string, List<double>>[] sides = [New(), New(), New(), New()];
        Dictionary<string, List<double>> busy = New();
        for (int run = 1; run <= options.Runs; run++)
        {
            await using (OurGuest guest = OurGuest.Start(
                appliance, options, $"raw{run}", "hospes.disk", $"disk = ['tap:aio:{raw},xvda,w', 'file:{fio},xvdb,r']"))
                await CollectAsync(guest, sides[0], cancellation, (appliance, $"raw{run}", busy));
            await using (PeerGuest guest = PeerGuest.Start(options, "hospes.disk hospes.peer", null, [.. Drive(raw, "a", "off"), .. Drive(fio, "b", "on")]))
                await CollectAsync(guest, sides[1], cancellation);
            await using (OurGuest guest = OurGuest.Start(
                appliance, options, $"qcow{run}", "hospes.disk", $"disk = ['tap:qcow2:{qcowImage},xvda,w', 'file:{fio},xvdb,r']"))
                await CollectAsync(guest, sides[2], cancellation);
            await using (OurGuest guest = OurGuest.Start(
                appliance, options, $"cached{run}", "hospes.disk", $"disk = ['file:{raw},xvda,w', 'file:{fio},xvdb,r']"))
                await CollectAsync(guest, sides[3], cancellation);
        }

        foreach (string job in Jobs)
        {
            (double ours, double peer) = (Middle(sides[0][job]), Middle(sides[1][job]));
            (double qcow2, double cached) = (Middle(sides[2][job]), Middle(sides[3][job]));
            string unit = job.StartsWith("rand", StringComparison.Ordinal) ? "iops" : "KiB/s";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"disk-{job} ratio={ours / peer:F2} ours={ours:F0}{unit} peer={peer:F0}{unit} qcow2={qcow2:F0}{unit} cached-raw={cached:F0}{unit} qcow2-to-raw={qcow2 / cached:F2} guest-cpu={Middle(busy[job]):P0} runs={options.Runs}"));
        }

        return 0;
    }

    private static string[] Drive(string path, string id, string readOnly) =>
    [
        "-drive", $"file={path},if=none,id={id},format=raw,cache=none,aio=io_uring,readonly={readOnly}", "-device", $"virtio-blk-pci,drive={id}",
    ];

    private static Dictionary<string, List<double>> New() => Jobs.ToDictionary(static job => job, static _ => new List<double>(), StringComparer.Ordinal);

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task FillAsync(string path, CancellationToken cancellation)
    {
        byte[] block = new byte[1 << 20];
        await using FileStream file = File.Create(path);
        for (long at = 0; at < DiskBytes; at += block.Length)
        {
            Random.Shared.NextBytes(block);
            await file.WriteAsync(block, cancellation);
        }
    }

    private static async Task CollectAsync(
        IGuestRun guest, Dictionary<string, List<double>> amounts, CancellationToken cancellation,
        (Appliance Appliance, string Name, Dictionary<string, List<double>> Busy)? watched = null)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            await guest.WaitForAsync("disk: begins", limit.Token);
            foreach (string job in Jobs)
            {
                CpuUse? before = watched is { } from ? await CpuUse.TakeAsync(from.Appliance, limit.Token) : null;
                await guest.WaitForAsync($"disk: {job} ", limit.Token);
                if (watched is { } to)
                    to.Busy[job].Add((await CpuUse.TakeAsync(to.Appliance, limit.Token)).ByKernelSince(before!)[to.Name]);
            }

            await guest.WaitForAsync("disk: done", limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the guest's fio was not done within {Limit.TotalMinutes:0} minutes; it said: {guest.Console}");
        }

        foreach (string job in Jobs)
        {
            Match line = Regex.Match(guest.Console, $@"disk: {job} ([0-9]+)", RegexOptions.None, TimeSpan.FromSeconds(1));
            amounts[job].Add(line.Success
                ? double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture)
                : throw new BenchException($"fio's job {job} failed: {guest.Console}"));
        }
    }
}
