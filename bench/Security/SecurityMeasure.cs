using System.Globalization;
using Hospes.Bench.Control;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Security;

/// <summary>
/// <c>acm</c>: what mandatory access control takes. Parts: <c>decide</c> (a decision on sharing, beside the straightforward way of making one), <c>create</c> (a
/// guest's creation with a policy and, the peer, without), <c>net</c> (throughput between two interfaces on a bridge with and without enforcement).
/// </summary>
internal static class SecurityMeasure
{
    private const string Policy = "bench.policy";

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        (string Name, Func<Task> Work)[] parts =
        [
            ("decide", () => DecisionMeasure.RunAsync(options, cancellation)),
            ("create", () => CreateAsync(options, cancellation)),
            ("net", () => ThroughputMeasure.RunAsync(options, cancellation)),
        ];
        string[] names = [.. parts.Select(static part => part.Name)];
        if (options.Only.Except(names).FirstOrDefault() is { } unknown)
            throw new BenchException($"acm has no part '{unknown}'; there are {string.Join(", ", names)}");
        foreach ((_, Func<Task> work) in parts.Where(part => options.Only.Count == 0 || options.Only.Contains(part.Name)))
            await work();
        return 0;
    }

    /// <summary>Creations of a guest of a few bytes, in turn on an appliance without a policy and on one with.</summary>
    private static async Task CreateAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance plain = await Appliance.StartAsync(options, cancellation);
        await using Appliance guarded = await Appliance.StartAsync(options, cancellation);
        string definition = Path.Combine(guarded.Root, "bench.wld");
        await File.WriteAllTextAsync(definition, "ezpolicy = {'orgs': [['Avis', []], ['CocaCola', ['Intranet']], ['PepsiCo', []]], 'cons': [['RER', ['CocaCola', 'PepsiCo']]]}\n", cancellation);
        foreach (string[] words in (string[][])[["ezpolicy", definition, Policy], ["makepolicy", Policy], ["loadpolicy", Policy]])
            await Tool.RunAsync(guarded.Xm(words), cancellation);
        Durations without = new();
        Durations with = new();
        (ControlGuests Guests, string Label, Durations Times)[] sides =
            [(new ControlGuests(plain), "", without), (new ControlGuests(guarded), $"(security ((access_control (policy {Policy}) (label Avis))))", with)];
        for (int run = 0; run <= 10 * options.Runs; run++)
        {
            foreach ((ControlGuests guests, string label, Durations times) in sides)
            {
                Task Create() => guests.CreateAsync("g", cancellation, label);
                await (run == 0 ? Create() : times.TimeAsync(Create));
                await guests.DestroyAsync("g", cancellation);
            }
        }

        foreach ((string name, double part) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            (double ours, double peer) = (with.At(part), without.At(part));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"acm-create-{name} ratio={peer / ours:0.00} ours={ours:0.0}ms peer={peer:0.0}ms runs={10 * options.Runs}"));
        }
    }
}
