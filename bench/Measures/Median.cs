using System.Globalization;

namespace Hospes.Bench.Measures;

/// <summary>Medians and how they are printed.</summary>
internal static class Median
{
    public static TimeSpan Of(IEnumerable<TimeSpan> values)
    {
        TimeSpan[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>How many times faster we are than the peer.</summary>
    public static string Ratio(TimeSpan ours, TimeSpan peer) => (peer / ours).ToString("0.00", CultureInfo.InvariantCulture);
}
