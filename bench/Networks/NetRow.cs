namespace Hospes.Bench.Networks;

/// <summary>Something that both sides are asked to do in turn, and what comes out of it: one figure, or several of one doing.</summary>
/// <param name="Names">The figures' names.</param>
/// <param name="Unit">Theirs.</param>
/// <param name="IsTime">Less is better.</param>
/// <param name="MeasureAsync">Measures once, on one side.</param>
internal sealed record NetRow(string[] Names, string Unit, bool IsTime, Func<NetSide, CancellationToken, Task<double[]>> MeasureAsync)
{
    private const double Giga = 1e9, Kilo = 1e3;
    private const int Slow = 99;

    /// <summary>All rows: three ways, by TCP, by small datagrams, by echoes.</summary>
    public static IReadOnlyList<NetRow> All { get; } =
    [
        Rate("net-tcp-from-guest", "Gbit/s", Giga, static (side, cancellation) => side.BulkAsync(fromGuest: true, cancellation)),
        Rate("net-tcp-to-guest", "Gbit/s", Giga, static (side, cancellation) => side.BulkAsync(fromGuest: false, cancellation)),
        Rate("net-tcp-between-guests", "Gbit/s", Giga, static (side, cancellation) => side.BulkBetweenGuestsAsync(cancellation)),
        Rate("net-udp64-from-guest", "kpps", Kilo, static (side, cancellation) => side.SmallAsync(fromGuest: true, cancellation)),
        Rate("net-udp64-to-guest", "kpps", Kilo, static (side, cancellation) => side.SmallAsync(fromGuest: false, cancellation)),
        Rate("net-udp64-between-guests", "kpps", Kilo, static (side, cancellation) => side.SmallBetweenGuestsAsync(cancellation)),
        RoundTrips("net-ping-to-guest", static (side, _) => Task.FromResult(side.RoundTrips())),
        RoundTrips("net-ping-from-guest", static (side, cancellation) => side.RoundTripsFromGuestAsync(toGuest: false, cancellation)),
        RoundTrips("net-ping-between-guests", static (side, cancellation) => side.RoundTripsFromGuestAsync(toGuest: true, cancellation)),
    ];

    /// <summary>How many times better ours is.</summary>
    public double Ratio(double ours, double peer) => IsTime ? peer / ours : ours / peer;

    private static NetRow Rate(string name, string unit, double scale, Func<NetSide, CancellationToken, Task<double>> measure) =>
        new([name], unit, IsTime: false, async (side, cancellation) => [await measure(side, cancellation) / scale]);

    private static NetRow RoundTrips(string name, Func<NetSide, CancellationToken, Task<double[]>> measure) =>
        new([$"{name}-p50", $"{name}-p99"], "us", IsTime: true, async (side, cancellation) =>
        {
            double[] times = await measure(side, cancellation);
            return [times[(times.Length - 1) / 2], times[(times.Length - 1) * Slow / 100]];
        });
}
