using System.Globalization;

namespace Hospes.Bench.Guests;

/// <summary>
/// Watches how much memory domain processes use above their guests' own. A guest's RAM is a memfd, which the kernel counts as RssShmem
/// (proc_pid_status(5)); all else a process holds is RssAnon and RssFile, so their sum's peak is the answer. Nothing records that peak, hence samples.
/// </summary>
internal sealed class MemorySampler : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly string _domains;
    private Task _loop = Task.CompletedTask;

    private MemorySampler(string domains) => _domains = domains;

    /// <summary>The largest sample in KiB.</summary>
    public long PeakKiB { get; private set; }

    /// <summary>Begins to watch every process that has its number in <c>DOMAINS/*/pid</c>.</summary>
    public static MemorySampler Start(string domains)
    {
        MemorySampler sampler = new(domains);
        sampler._loop = Task.Run(sampler.LoopAsync);
        return sampler;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private async Task LoopAsync()
    {
        using PeriodicTimer timer = new(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                Sample();
        }
        catch (OperationCanceledException)
        {
            // The measure is over.
        }
    }

    private void Sample()
    {
        foreach (string directory in Directory.EnumerateDirectories(_domains))
        {
            try
            {
                string pid = File.ReadAllText(Path.Combine(directory, "pid")).Trim();
                PeakKiB = Math.Max(PeakKiB, OwnMemory(File.ReadLines($"/proc/{pid}/status")));
            }
            catch (IOException)
            {
                // A domain that is just being made or taken away.
            }
        }
    }

    private static long OwnMemory(IEnumerable<string> status) =>
        status.Where(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssFile:", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
}
