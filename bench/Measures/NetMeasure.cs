using System.Globalization;
using Hospes.Bench.Networks;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>net</c>: two guests and a bridge on each side, in a network namespace for each that goes with the measure. Both sides are up all the time and are
/// measured in turn, row by row, so that what else the machine does falls on both. iperf3 runs in the guests and in dom0's part of the namespace;
/// round trips are ICMP echoes. The peer's guests have virtio-net and taps (vhost where the machine has it).
/// </summary>
internal static class NetMeasure
{
    private const string Attach = "attach";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        NetRow[] rows = [.. NetRow.All.Where(row => options.Only.Count == 0 || options.Only.Any(part => row.Names[0].StartsWith($"net-{part}", StringComparison.Ordinal)))];
        if (rows.Length == 0 && !options.Only.Contains(Attach))
            throw new BenchException($"--only names no part: '{string.Join(',', options.Only)}'; there are tcp, udp64, ping, {Attach}, and the rows' names after 'net-'");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit * options.Runs);
        try
        {
            await using NetPeer peer = await NetPeer.StartAsync(options, limit.Token);
            await using NetOurs ours = await NetOurs.StartAsync(options, limit.Token);
            foreach (NetRow row in rows)
                await MeasureAsync(row, peer, ours, options.Runs, limit.Token);
            if (options.Only.Count > 0 && !options.Only.Contains(Attach))
                return 0;
            double attach = await ours.AttachManyAsync(limit.Token);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"net-attach median={attach:0.0}ms with {NetOurs.ManyInterfaces} interfaces on one bridge"));
            return 0;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the network measure was not done within {(Limit * options.Runs).TotalMinutes:0} minutes");
        }
    }

    private static async Task MeasureAsync(NetRow row, NetSide peer, NetSide ours, int runs, CancellationToken cancellation)
    {
        List<double[]> theirs = [];
        List<double[]> our = [];
        for (int run = 0; run < runs; run++)
        {
            theirs.Add(await row.MeasureAsync(peer, cancellation));
            our.Add(await row.MeasureAsync(ours, cancellation));
        }

        for (int figure = 0; figure < row.Names.Length; figure++)
        {
            (double ourMiddle, double theirMiddle) = (Middle(our, figure), Middle(theirs, figure));
            string digits = row.IsTime ? "0" : "0.00";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Names[figure]} ratio={row.Ratio(ourMiddle, theirMiddle):0.00} ours={ourMiddle.ToString(digits, CultureInfo.InvariantCulture)}{row.Unit} peer={theirMiddle.ToString(digits, CultureInfo.InvariantCulture)}{row.Unit} runs={runs}"));
        }
    }

    private static double Middle(List<double[]> runs, int figure) => runs.Select(run => run[figure]).Order().ElementAt(runs.Count / 2);
}
