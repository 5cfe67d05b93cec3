using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hospes.Host.Api;

namespace Hospes.Host.Verbs;

/// <summary><c>perf</c>: what the engine does that runs a guest, or each guest: looks at its counters twice and shows totals and rates.</summary>
internal static class PerfVerb
{
    private const string IntervalOption = "--interval";
    private const string Help = """
        Usage: perf [DOMAIN] [--interval SECONDS] [--json] [--root DIR]

        Shows what the engine counts that runs a guest (by name or number), or each guest: blocks of code, use of the code
        cache, why emitted code came back, the instructions that it left to their handlers, TLB fills and page walks. Rates
        are over SECONDS (1; 0: no rates). Accesses that emitted code serves from its TLB are not counted, so that there
        are fills, but no hit rate.
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] words)
    {
        VerbArguments arguments = new(words, ["--root", IntervalOption], ["--json", "--help", "-h"]);
        if (arguments.Has("--help") || arguments.Has("-h"))
        {
            Console.WriteLine(Help);
            return 0;
        }

        TimeSpan interval = Interval(arguments.Value(IntervalOption) ?? "1");
        HostPaths paths = arguments.Paths();
        IReadOnlyList<EngineCounters> counters = arguments.Plain switch
        {
            [] => await LookTwiceAsync(paths, await NamesAsync(paths), interval, isOne: false),
            [var name] => await LookTwiceAsync(paths, [name], interval, isOne: true),
            _ => throw new UsageException("perf takes one domain, or none for all"),
        };
        if (arguments.Has("--json"))
            Console.WriteLine(JsonSerializer.Serialize(counters, ApiJson.Default.IReadOnlyListEngineCounters));
        else if (counters.Count == 0)
            Console.WriteLine("No guest is running.");
        else
            Console.Write(string.Join('\n', counters.Select(EngineReport.Text)));
        return 0;
    }

    private static TimeSpan Interval(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"option {IntervalOption} takes seconds, 0 to 3600, not '{text}'");

    private static async Task<IReadOnlyList<string>> NamesAsync(HostPaths paths)
    {
        string list = await ApiCall.SendAsync(paths, "v1/domains", null, Patience);
        IReadOnlyList<DomainInfo> domains = JsonSerializer.Deserialize(list, ApiJson.Default.IReadOnlyListDomainInfo)!;
        return [.. domains.Where(static domain => domain.Domid != 0).Select(static domain => domain.Name)];
    }

    private static async Task<IReadOnlyList<EngineCounters>> LookTwiceAsync(HostPaths paths, IReadOnlyList<string> names, TimeSpan interval, bool isOne)
    {
        List<(EngineCounters Counters, long At)> first = [];
        foreach (string name in names)
        {
            if (await LookAsync(paths, name, isOne) is { } counters)
                first.Add((counters, Stopwatch.GetTimestamp()));
        }

        if (interval == TimeSpan.Zero || first.Count == 0)
            return [.. first.Select(static look => look.Counters)];
        await Task.Delay(interval);
        List<EngineCounters> both = [];
        foreach ((EngineCounters before, long at) in first)
        {
            if (await LookAsync(paths, before.Name, isOne) is { } counters)
                both.Add(counters.Since(before, Stopwatch.GetElapsedTime(at)));
        }

        return both;
    }

    // Of all guests, one that ends meanwhile, or has crashed, is no error.
    private static async Task<EngineCounters?> LookAsync(HostPaths paths, string name, bool isOne)
    {
        try
        {
            string answer = await ApiCall.SendAsync(paths, $"v1/domains/{Uri.EscapeDataString(name)}/engine", null, Patience);
            return JsonSerializer.Deserialize(answer, ApiJson.Default.EngineCounters)!;
        }
        catch (XendException refused) when (!isOne)
        {
            await Console.Error.WriteLineAsync($"Warning: {name}: {refused.Message}");
            return null;
        }
    }
}
