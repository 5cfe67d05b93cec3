namespace Hospes.Bench.Measures;

/// <summary>What the runs of a measure found: each run's figures as they come, the medians in the end.</summary>
internal sealed class Figures
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, List<Figure[]>> _runs = new(StringComparer.Ordinal);

    /// <summary>One run's figures of one part.</summary>
    public void Add(string name, params Figure[] figures)
    {
        if (!_runs.TryGetValue(name, out List<Figure[]>? runs))
        {
            _names.Add(name);
            _runs.Add(name, runs = []);
        }

        runs.Add(figures);
        Console.WriteLine($"# {name} {string.Join(' ', figures)}");
    }

    /// <summary>The medians, each figure's by itself.</summary>
    public void Summarise()
    {
        foreach (string name in _names)
        {
            List<Figure[]> runs = _runs[name];
            IEnumerable<Figure> medians = runs[0].Select((figure, index) => figure with { Value = Median(runs.Select(run => run[index].Value)) });
            Console.WriteLine($"{name} {string.Join(' ', medians)} runs={runs.Count}");
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
