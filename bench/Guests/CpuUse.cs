using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hospes.Bench.Guests;

/// <summary>CPU time of domains at one moment: as the appliance counts it, and as the host's kernel counts their vCPUs' threads.</summary>
/// <param name="Asked">When it was asked for, in the stopwatch's ticks: the moment is not before.</param>
/// <param name="Answered">When the answer was there: the moment is not after.</param>
/// <param name="Counted">Seconds by the appliance, by domain.</param>
/// <param name="ByKernel">Seconds by the kernel, by domain.</param>
internal sealed record CpuUse(long Asked, long Answered, IReadOnlyDictionary<string, double> Counted, IReadOnlyDictionary<string, double> ByKernel)
{
    private const double NanosecondsPerSecond = 1e9;

    private long Taken => Asked + ((Answered - Asked) / 2);

    public static async Task<CpuUse> TakeAsync(Appliance appliance, CancellationToken cancellation)
    {
        long asked = Stopwatch.GetTimestamp();
        string answer = await appliance.Api.GetStringAsync("v1/domains", cancellation);
        long answered = Stopwatch.GetTimestamp();
        using JsonDocument list = JsonDocument.Parse(answer);
        Dictionary<string, double> counted = new(StringComparer.Ordinal);
        Dictionary<string, double> kernel = new(StringComparer.Ordinal);
        foreach (JsonElement domain in list.RootElement.EnumerateArray())
        {
            if (domain.GetProperty("domid").GetInt32() is not (> 0 and var domid))
                continue;
            string name = domain.GetProperty("name").GetString()!;
            counted[name] = domain.GetProperty("cpuTime").GetDouble();
            kernel[name] = OfThreads(await File.ReadAllTextAsync(Path.Combine(appliance.Domains, $"{domid}", "pid"), cancellation), "vcpu");
        }

        return new CpuUse(asked, answered, counted, kernel);
    }

    /// <summary>Seconds that have passed at least since an earlier moment.</summary>
    public double AtLeastSince(CpuUse earlier) => Stopwatch.GetElapsedTime(earlier.Answered, Asked).TotalSeconds;

    /// <summary>Seconds since an earlier moment, about.</summary>
    public double SecondsSince(CpuUse earlier) => Stopwatch.GetElapsedTime(earlier.Taken, Taken).TotalSeconds;

    /// <summary>How many CPUs each domain has had on average since an earlier moment.</summary>
    public Dictionary<string, double> Since(CpuUse earlier) => Rates(Counted, earlier.Counted, earlier);

    /// <summary>The same, as the kernel counts.</summary>
    public Dictionary<string, double> ByKernelSince(CpuUse earlier) => Rates(ByKernel, earlier.ByKernel, earlier);

    /// <summary>CPU seconds that a process and all its threads have used (proc_pid_stat(5): utime and stime).</summary>
    public static double OfProcess(int pid)
    {
        const double ticksPerSecond = 100; // what the kernel shows, whatever it counts in
        string[] words = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        return (long.Parse(words[11], CultureInfo.InvariantCulture) + long.Parse(words[12], CultureInfo.InvariantCulture)) / ticksPerSecond;
    }

    /// <summary>CPU seconds of those threads of a process whose names begin so.</summary>
    public static double OfThreads(string pid, params string[] names) => Directory.EnumerateDirectories($"/proc/{pid.Trim()}/task")
        .Where(task => File.ReadAllText(Path.Combine(task, "comm")) is var comm && names.Any(name => comm.StartsWith(name, StringComparison.Ordinal)))
        .Sum(static task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture)) / NanosecondsPerSecond;

    private Dictionary<string, double> Rates(IReadOnlyDictionary<string, double> now, IReadOnlyDictionary<string, double> then, CpuUse earlier) => now.ToDictionary(
        static pair => pair.Key,
        pair => (pair.Value - then.GetValueOrDefault(pair.Key)) / SecondsSince(earlier),
        StringComparer.Ordinal);
}
