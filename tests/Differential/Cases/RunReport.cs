using System.Text;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>What a run did: cases, skips by reason, and the first differences of every form that has one.</summary>
internal sealed class RunReport(ulong seed)
{
    private const int ExamplesPerForm = 2;
    private readonly Dictionary<Code, List<string>> _differences = [];
    private readonly SortedDictionary<string, int> _skipped = [];

    internal long Cases { get; private set; }

    internal long Faults { get; private set; }

    internal int Forms { get; private set; }

    internal int FormsWithDifferences => _differences.Count;

    internal void CountForm() => Forms++;

    internal void CountCase(bool faulted)
    {
        Cases++;
        if (faulted)
            Faults++;
    }

    internal void Skip(string reason) => _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;

    internal void Difference(Code code, string description)
    {
        if (!_differences.TryGetValue(code, out List<string>? examples))
            _differences[code] = examples = [];
        if (examples.Count < ExamplesPerForm)
            examples.Add(description);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"seed {seed:x}: {Cases} cases of {Forms} forms, {Faults} of them exceptions, {_differences.Count} forms differ");
        foreach ((string reason, int count) in _skipped)
            text.AppendLine($"  {count} forms not compared: {reason}");
        foreach ((Code code, List<string> examples) in _differences.OrderBy(pair => pair.Key).Take(60))
        {
            text.AppendLine($"{code}:");
            foreach (string example in examples)
                text.AppendLine($"  {example}");
        }

        return text.ToString();
    }
}
