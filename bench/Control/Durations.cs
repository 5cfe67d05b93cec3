using System.Diagnostics;
using System.Globalization;

namespace Hospes.Bench.Control;

/// <summary>Times of one kind.</summary>
internal sealed class Durations
{
    private readonly List<double> _milliseconds = [];

    /// <summary>Times a piece of work.</summary>
    public async Task TimeAsync(Func<Task> work)
    {
        long begun = Stopwatch.GetTimestamp();
        await work();
        lock (_milliseconds)
            _milliseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    /// <summary>As it is printed.</summary>
    public override string ToString()
    {
        double[] sorted = [.. _milliseconds.Order()];
        return string.Create(CultureInfo.InvariantCulture, $"p50={At(sorted, 0.5):0.0}ms p99={At(sorted, 0.99):0.0}ms of {sorted.Length}");
    }

    private static double At(double[] sorted, double part) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
