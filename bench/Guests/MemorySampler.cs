using System.Globalization;

namespace Hospes.Bench.Guests;

/// <summary>
/// Watches how much memory processes use above their guests' own: everything resident (proc_pid_smaps(5), shared libraries too) but the memfd
/// that is the guest's RAM. What the process maps twice (.NET maps the code it compiles once to write and once to execute) counts once. Nothing records the peak of that, hence samples; looking costs the process time, so what is watched is not timed.
/// </summary>
internal sealed class MemorySampler : IAsyncDisposable
{
    // The names that Core.Hypervisor and QEMU give the memfd.
    private static readonly string[] GuestRam = ["/memfd:hospes-guest", "/memfd:memory-backend-memfd"];

    // The runtime's own memfd and the translator's, private to their process and mapped twice: the proportional size is what they occupy.
    private static readonly string[] CompiledCode = ["/memfd:doublemapper", "/memfd:hospes-code"];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Func<IEnumerable<int>> _processes;
    private Task _loop = Task.CompletedTask;

    private MemorySampler(Func<IEnumerable<int>> processes) => _processes = processes;

    /// <summary>The largest sample in KiB.</summary>
    public long PeakKiB { get; private set; }

    /// <summary>Begins to watch every process that has its number in <c>DOMAINS/*/pid</c>.</summary>
    public static MemorySampler Start(string domains) => Start(() =>
        Directory.EnumerateDirectories(domains).Select(static directory => int.Parse(File.ReadAllText(Path.Combine(directory, "pid")), CultureInfo.InvariantCulture)));

    /// <summary>Begins to watch one process.</summary>
    public static MemorySampler Start(int process) => Start(() => [process]);

    private static MemorySampler Start(Func<IEnumerable<int>> processes)
    {
        MemorySampler sampler = new(processes);
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
        try
        {
            foreach (int process in _processes())
                PeakKiB = Math.Max(PeakKiB, OwnMemory(File.ReadLines($"/proc/{process}/smaps")));
        }
        catch (Exception gone) when (gone is IOException or FormatException)
        {
            // A domain that is just being made or taken away.
        }
    }

    private static long OwnMemory(IEnumerable<string> mappings)
    {
        long sum = 0;
        string? counted = "Rss:";
        foreach (string line in mappings)
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                string name = words.Length > 5 ? words[5] : "";
                counted = IsOneOf(GuestRam, name) ? null : IsOneOf(CompiledCode, name) ? "Pss:" : "Rss:";
            }
            else if (words[0] == counted)
            {
                sum += long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }

    private static bool IsOneOf(string[] names, string mapping) => Array.Exists(names, name => mapping.StartsWith(name, StringComparison.Ordinal));
}
