namespace Hospes.Xm.Configuration;

/// <summary>The <c>name=value</c> words of a command line, in order; a name may come more than once.</summary>
internal sealed class CommandLineSettings
{
    private readonly List<(string Name, string Value)> _all = [];

    public IEnumerable<string> Names => _all.Select(setting => setting.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Takes a word if it is a setting: a name that a script could have, <c>=</c>, and anything.</summary>
    public bool TryAdd(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || char.IsAsciiDigit(word[0]) || !word.AsSpan(0, equals).ToArray().All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return false;
        _all.Add((word[..equals], word[(equals + 1)..]));
        return true;
    }

    public IReadOnlyList<string> ValuesOf(string name) => [.. _all.Where(setting => setting.Name == name).Select(setting => setting.Value)];

    /// <summary>As a script sees them: strings, the last one of each name.</summary>
    public Dictionary<string, string> ForScripts()
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach ((string name, string value) in _all)
            values[name] = value;
        return values;
    }
}
