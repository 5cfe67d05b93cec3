using System.Globalization;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;

namespace Hospes.GuestTrace;

/// <summary>Samples where a vCPU is, once a millisecond, and names the places by a kernel's System.map.</summary>
internal sealed unsafe class Profile
{
    private readonly List<(ulong Address, string Name)> _symbols = [];
    private readonly Dictionary<string, int> _hits = [];
    private int _samples;

    internal Profile(string systemMap)
    {
        foreach (string line in File.ReadLines(systemMap))
        {
            string[] parts = line.Split(' ', 3);
            if (parts.Length == 3 && parts[1] is "t" or "T" or "w" or "W")
                _symbols.Add((ulong.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), parts[2]));
        }

        _symbols.Sort();
    }

    /// <summary>Takes one sample.</summary>
    internal void Sample(TranslatorCpu cpu)
    {
        ulong place = Volatile.Read(ref cpu.C->Gpr[CpuContext.BlockSlot]);
        int index = _symbols.BinarySearch((place, "\uffff"));
        index = index < 0 ? ~index - 1 : index;
        string name = place >> 63 == 0 ? "(user)" : index < 0 ? "(unknown)" : _symbols[index].Name;
        _hits[name] = _hits.GetValueOrDefault(name) + 1;
        _samples++;
    }

    /// <summary>Prints the busiest places.</summary>
    internal void Print(TextWriter output)
    {
        foreach ((string name, int count) in _hits.OrderByDescending(hit => hit.Value).Take(40))
            output.WriteLine($"{100.0 * count / _samples,6:f2} % {name}");
    }
}
