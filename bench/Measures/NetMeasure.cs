using System.Globalization;
using Hospes.Bench.Guests;
using Hospes.Bench.Networks;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>net</c>: two guests and a bridge, in a network namespace for each side that goes with the measure. iperf3 runs in the guests and in dom0's part of
/// the namespace; round trips are ICMP echoes timed here. The peer's guests have virtio-net and taps (vhost where the machine has it).
/// </summary>
internal static class NetMeasure
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            NetFigures peer;
            await using (NetPeer side = await NetPeer.StartAsync(options, limit.Token))
                peer = await MeasureAsync(side, limit.Token);
            NetFigures ours;
            double attach;
            await using (NetOurs side = await NetOurs.StartAsync(options, limit.Token))
            {
                ours = await MeasureAsync(side, limit.Token);
                attach = await side.AttachManyAsync(limit.Token);
            }

            Report(ours, peer);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"net-attach median={attach:0.0}ms with {NetOurs.ManyInterfaces} interfaces on one bridge"));
            return 0;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the network measure was not done within {Limit.TotalMinutes:0} minutes");
        }
    }

    private static async Task<NetFigures> MeasureAsync(NetSide side, CancellationToken cancellation) => new()
    {
        FromGuest = await side.BulkAsync(fromGuest: true, cancellation),
        ToGuest = await side.BulkAsync(fromGuest: false, cancellation),
        BetweenGuests = await side.BetweenGuestsAsync(cancellation),
        SmallFromGuest = await side.SmallAsync(fromGuest: true, cancellation),
        SmallToGuest = await side.SmallAsync(fromGuest: false, cancellation),
        RoundTrips = side.RoundTrips(),
    };

    private static void Report(NetFigures ours, NetFigures peer)
    {
        Line("net-tcp-from-guest", ours.FromGuest / 1e9, peer.FromGuest / 1e9, "Gbit/s");
        Line("net-tcp-to-guest", ours.ToGuest / 1e9, peer.ToGuest / 1e9, "Gbit/s");
        Line("net-tcp-between-guests", ours.BetweenGuests / 1e9, peer.BetweenGuests / 1e9, "Gbit/s");
        Line("net-udp64-from-guest", ours.SmallFromGuest / 1e3, peer.SmallFromGuest / 1e3, "kpps");
        Line("net-udp64-to-guest", ours.SmallToGuest / 1e3, peer.SmallToGuest / 1e3, "kpps");
        foreach (int percent in (int[])[50, 99])
        {
            double our = ours.RoundTrip(percent);
            double their = peer.RoundTrip(percent);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"net-ping-p{percent} ratio={their / our:0.00} ours={our:0}us peer={their:0}us"));
        }
    }

    private static void Line(string name, double ours, double peer, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} ratio={ours / peer:0.00} ours={ours:0.00}{unit} peer={peer:0.00}{unit}"));
}
