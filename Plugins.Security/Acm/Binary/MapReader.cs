using System.Globalization;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>The words of a map, line by line, as Xen's readers take them: parted by blanks.</summary>
internal sealed class MapReader(string map)
{
    private readonly string[][] _lines =
        [.. map.Split('\n').Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(static line => line.Length > 1)];

    /// <summary>The policy's name.</summary>
    public string Name => Single("POLICYREFERENCENAME")?[1] ?? "";

    /// <summary>The digest of its contents; null: the map is another compiler's.</summary>
    public string? Fingerprint => Single("FINGERPRINT") is [_, _, string digest] ? digest : null;

    /// <summary>Names of a component's types, in order.</summary>
    public string[] Types(string component, int count)
    {
        string[] names = new string[count];
        foreach (string[] line in _lines)
        {
            if (line is ["TYPE", _, string name, string number] && line[1] == component && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < count && PolicyName.IsWord(name))
                names[index] = name;
        }

        return Whole(names, $"type of {component}");
    }

    /// <summary>Names of a component's labels of a kind, in the order of their ssids.</summary>
    public string[] Labels(string kind, string component, int first)
    {
        SortedDictionary<int, string> labels = [];
        foreach (string[] line in _lines)
        {
            if (line is ["LABEL->SSID", _, _, string name, string number] && line[1] == kind && line[2] == component
                && int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int ssid) && PolicyName.IsWord(name))
                labels[ssid] = name;
        }

        if (labels.Values.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw TableReader.Invalid($"its map names two labels of the kind {kind} alike");
        return labels.Keys.Select(static (ssid, index) => ssid - index).All(start => start == first)
            ? [.. labels.Values]
            : throw TableReader.Invalid($"its map leaves out labels of the kind {kind}");
    }

    private static string[] Whole(string[] names, string what)
    {
        int missing = Array.FindIndex(names, static name => name is null);
        return missing < 0 ? names : throw TableReader.Invalid($"its map has no name for {what} {missing}");
    }

    private string[]? Single(string key) => Array.Find(_lines, line => line[0] == key);
}
