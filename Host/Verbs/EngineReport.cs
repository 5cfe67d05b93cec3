using System.Globalization;
using System.Text;
using Hospes.Host.Api;

namespace Hospes.Host.Verbs;

/// <summary>An engine's counters as a table. Of <c>NAME-hits</c> and <c>NAME-lookups</c> there is the rate too. Names with a slash stand below what comes before it, the largest first; all others by their names.</summary>
/// <example>
/// <code>
/// web (domain 3), rates over 1.0 s
///   code                     8.4 of 64.0 MiB (13 %)
///                                 total     per second
///   blocks-compiled              20,111            4.0
///   exit                      1,200,345       90,211.0
///     memory                    800,000       60,000.0
/// </code>
/// </example>
internal static class EngineReport
{
    private const int Most = 12;
    private const string Used = "-used";
    private const string Reserved = "-reserved";
    private const string LookUps = "-lookups";
    private const string Hits = "-hits";

    /// <summary>The table, each line with its end.</summary>
    public static string Text(EngineCounters engine)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{engine.Name} (domain {engine.Domid})");
        text.Append(engine.Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", rates over {seconds:0.0} s\n") : "\n");
        if (engine.Counters.Count == 0)
            return text.Append("  its engine counts nothing\n").ToString();
        foreach ((string name, long used) in engine.Counters.Where(static counter => counter.Key.EndsWith(Used, StringComparison.Ordinal)))
            AppendUse(text, name[..^Used.Length], used, engine.Counters.GetValueOrDefault(name[..^Used.Length] + Reserved));
        foreach (string name in engine.Counters.Keys.Where(static name => name.EndsWith(LookUps, StringComparison.Ordinal)))
            AppendHits(text, engine, name[..^LookUps.Length]);
        text.Append("total".PadLeft(48)).Append(engine.Seconds is null ? "" : "per second".PadLeft(16)).Append('\n');
        AppendCounters(text, engine);
        return text.ToString();
    }

    private static void AppendUse(StringBuilder text, string name, long used, long reserved)
    {
        const double mebi = 1 << 20;
        text.Append(CultureInfo.InvariantCulture, $"  {name,-30}{used / mebi:0.0}");
        if (reserved > 0)
            text.Append(CultureInfo.InvariantCulture, $" of {reserved / mebi:0.0}");
        text.Append(" MiB");
        if (reserved > 0)
            text.Append(CultureInfo.InvariantCulture, $" ({100.0 * used / reserved:0} %)");
        text.Append('\n');
    }

    // Of the time between two looks, if there were two.
    private static void AppendHits(StringBuilder text, EngineCounters engine, string name)
    {
        double asked = engine.PerSecond is { } rates ? Rate(rates, name + LookUps) : engine.Counters[name + LookUps];
        double hits = engine.PerSecond is { } all ? Rate(all, name + Hits) : engine.Counters.GetValueOrDefault(name + Hits);
        if (asked > 0)
            text.Append(CultureInfo.InvariantCulture, $"  {name + " hits",-30}{100 * Math.Min(hits / asked, 1):0.000} %\n");
    }

    private static void AppendCounters(StringBuilder text, EngineCounters engine)
    {
        IEnumerable<IGrouping<string, string>> groups = engine.Counters.Keys.Where(static name => !EngineCounters.IsAmount(name))
            .GroupBy(static name => name.Split('/')[0], StringComparer.Ordinal)
            .OrderBy(static group => group.Any(static name => name.Contains('/', StringComparison.Ordinal)))
            .ThenBy(static group => group.Key, StringComparer.Ordinal);
        foreach (IGrouping<string, string> group in groups)
        {
            AppendRow(text, group.Key, 2, group.Sum(name => engine.Counters[name]), engine.PerSecond is { } all ? group.Sum(name => Rate(all, name)) : null);
            string[] parts = [.. group.Where(static name => name.Contains('/', StringComparison.Ordinal)).OrderByDescending(name => engine.Counters[name])];
            foreach (string name in parts.Take(Most))
                AppendRow(text, name[(group.Key.Length + 1)..], 4, engine.Counters[name], engine.PerSecond is { } rates ? Rate(rates, name) : null);
            if (parts.Length > Most)
            {
                AppendRow(
                    text, $"{parts.Length - Most} others", 4, parts.Skip(Most).Sum(name => engine.Counters[name]),
                    engine.PerSecond is { } rest ? parts.Skip(Most).Sum(name => Rate(rest, name)) : null);
            }
        }
    }

    private static double Rate(IReadOnlyDictionary<string, double> rates, string name) => rates.GetValueOrDefault(name);

    private static void AppendRow(StringBuilder text, string name, int indent, long total, double? rate)
    {
        text.Append((new string(' ', indent) + name).PadRight(32)).Append(total.ToString("N0", CultureInfo.InvariantCulture).PadLeft(16));
        if (rate is { } value)
            text.Append(value.ToString("N1", CultureInfo.InvariantCulture).PadLeft(16));
        text.Append('\n');
    }
}
