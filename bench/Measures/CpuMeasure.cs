using System.Globalization;
using System.Text.RegularExpressions;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Measures;

/// <summary>
/// <c>cpu</c>: work that a guest does by itself, timed from outside by the lines it writes before and after, or by its own word where its program
/// measures a rate. Both sides take turns with the same kernel, initrd and programs.
/// </summary>
internal static partial class CpuMeasure
{
    private static readonly string[] BestProcessor = ["-cpu", "max"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        WorkPart[] parts = Choose(options.Only);
        string commandLine = $"quiet hospes.nodhcp hospes.work={string.Join(',', parts.Select(static part => part.Name))}";
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        Dictionary<WorkPart, List<double>> ours = parts.ToDictionary(static part => part, static _ => new List<double>());
        Dictionary<WorkPart, List<double>> peer = parts.ToDictionary(static part => part, static _ => new List<double>());
        for (int run = 1; run <= options.Runs; run++)
        {
            await using (OurGuest guest = OurGuest.Start(appliance, options, $"bench{run}", commandLine))
                await TimeAsync(guest, ours, cancellation);
            await using (PeerGuest guest = PeerGuest.Start(options, commandLine, null, BestProcessor))
                await TimeAsync(guest, peer, cancellation);
        }

        double product = 1;
        foreach (WorkPart part in parts)
        {
            double our = Median.Of(ours[part]);
            double their = Median.Of(peer[part]);
            double ratio = part.IsRate ? our / their : their / our;
            product *= ratio;
            string unit = part.IsRate ? "/s" : "s";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"cpu-{part.Name} ratio={ratio:0.00} ours={our:0.###}{unit} peer={their:0.###}{unit} asked={part.Asked} runs={options.Runs}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu ratio={Math.Pow(product, 1.0 / parts.Length):0.00} ours=geometric-mean peer=1 parts={parts.Length}"));
        return 0;
    }

    private static WorkPart[] Choose(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (WorkPart.All.All(part => part.Name != name))
                throw new BenchException($"there is no work '{name}'; there are {string.Join(", ", WorkPart.All.Select(static part => part.Name))}");
        }

        return [.. WorkPart.All.Where(part => names.Count == 0 || names.Contains(part.Name))];
    }

    private static async Task TimeAsync(IGuestRun guest, Dictionary<WorkPart, List<double>> figures, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            foreach ((WorkPart part, List<double> taken) in figures)
            {
                TimeSpan begin = await guest.WaitForAsync($"work: {part.Name} begins", limit.Token);
                TimeSpan end = await guest.WaitForAsync($"work: {part.Name} ends", limit.Token);
                taken.Add(part.IsRate ? Rate(guest.Console, part.Name) : (end - begin).TotalSeconds);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"the guest's work was not done within {Limit.TotalMinutes:0} minutes; it last said: {Tail(guest.Console)}");
        }
    }

    private static double Rate(string console, string name)
    {
        Match match = RateLine().Matches(console).LastOrDefault(match => match.Groups[1].Value == name)
            ?? throw new BenchException($"the guest did not say its rate of {name}: {Tail(console)}");
        return double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
    }

    private static string Tail(string console) => console[Math.Max(0, console.Length - 300)..];

    [GeneratedRegex(@"work: (\w+) rate ([0-9.]+)")]
    private static partial Regex RateLine();
}
