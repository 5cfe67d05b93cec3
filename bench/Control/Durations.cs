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

    /// <summary>A quantile, in milliseconds, once all are timed.</summary>
    public double At(double part)
    {
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
    }

    /// <summary>As it is printed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50={At(0.5):0.0}ms p99={At(0.99):0.0}ms of {_milliseconds.Count}");
}
