using System.Diagnostics;
using System.Globalization;
using Hospes.Bench.Measures;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Policies;

namespace Hospes.Bench.Security;

/// <summary>
/// <c>decide</c>: a decision between two domains by our rules, first seen and seen before, and by the way that comes to mind: a set of names for each label,
/// and whether they overlap. Policies of 10, 1,000 and 10,000 types; most labels have one type, one in eight has a tenth of all, one has all.
/// </summary>
internal static class DecisionMeasure
{
    private const int Samples = 1 << 20;
    private const int Batch = 256;
    private const int MostLabels = 1000;

    public static Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        foreach (int types in (int[])[10, 1000, 10_000])
        {
            cancellation.ThrowIfCancellationRequested();
            Figures figures = new();
            for (int run = 0; run < options.Runs; run++)
                Run(types, run, figures);
            figures.Summarise();
        }

        return Task.CompletedTask;
    }

    private static void Run(int types, int seed, Figures figures)
    {
        Random chance = new(seed);
        string[] names = [.. Enumerable.Range(0, types).Select(static type => string.Create(CultureInfo.InvariantCulture, $"Organization{type}.Department"))];
        List<AcmLabel> labels = [new("Manager", TypeSet.Of(Enumerable.Range(0, types)), TypeSet.Empty)];
        for (int number = 1; number < Math.Min(types, MostLabels); number++)
        {
            int count = number % 8 == 0 ? Math.Max(1, types / 10) : 1;
            labels.Add(new AcmLabel($"l{number}", TypeSet.Of(Enumerable.Range(0, count).Select(_ => chance.Next(types))), TypeSet.Empty));
        }

        AcmPolicy policy = new(new PolicyHeader("bench.decide", new PolicyVersion(1, 0)), PolicyComponent.SimpleTypeEnforcement, names, null, [], labels, []);
        HashSet<string>[] sets = [.. labels.Select(label => label.Types.Members.Select(type => names[type]).ToHashSet(StringComparer.Ordinal))];
        (int One, int Two)[] pairs = [.. Enumerable.Range(0, 256).Select(_ => (chance.Next(labels.Count), chance.Next(labels.Count)))];
        SharingRules rules = new(policy);
        foreach ((int one, int two) in pairs)
        {
            if (rules.MayShare(one + 1, two + 1) != sets[one].Overlaps(sets[two]))
                throw new BenchException($"the two sides decide differently about labels {one} and {two} of {types} types");
        }

        double[] ours = Time(pairs, (one, two) => rules.MayShare(one + 1, two + 1));
        double[] fresh = Time(pairs, (one, two) => labels[one].Types.Intersects(labels[two].Types));
        double[] peer = Time(pairs, (one, two) => sets[one].Overlaps(sets[two]));
        foreach ((string name, double part) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            figures.Add(
                string.Create(CultureInfo.InvariantCulture, $"acm-decide-{types}-{name}"), new Figure("ratio", At(peer, part) / At(ours, part), "0.00"),
                new Figure("ours", At(ours, part), "0.0", "ns"), new Figure("peer", At(peer, part), "0.0", "ns"), new Figure("uncached", At(fresh, part), "0.0", "ns"));
        }
    }

    // A tick of the clock is longer than a decision, so many are taken at once.
    private static double[] Time((int One, int Two)[] pairs, Func<int, int, bool> decide)
    {
        double[] times = new double[Samples / Batch];
        int at = 0;
        int allowed = 0;
        for (int warm = 0; warm < 2; warm++)
        {
            for (int sample = 0; sample < times.Length; sample++)
            {
                long begun = Stopwatch.GetTimestamp();
                for (int one = 0; one < Batch; one++)
                {
                    (int left, int right) = pairs[at++ & 255];
                    allowed += decide(left, right) ? 1 : 0;
                }

                times[sample] = Stopwatch.GetElapsedTime(begun).TotalNanoseconds / Batch;
            }
        }

        GC.KeepAlive(allowed);
        Array.Sort(times);
        return times;
    }

    private static double At(double[] sorted, double part) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
