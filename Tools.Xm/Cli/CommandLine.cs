namespace Hospes.Xm.Cli;

/// <summary>
/// A command's switches and arguments, told apart in GNU style: switches may stand anywhere, <c>--</c> ends them, letters may be
/// bundled, long names may be cut short where that leaves no doubt.
/// </summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly List<string> _arguments = [];

    private CommandLine()
    {
    }

    public IReadOnlyList<string> Arguments => _arguments;

    /// <exception cref="UsageException">A switch is unknown, ambiguous, or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<OptionSpec> specs, IReadOnlyList<string> words)
    {
        CommandLine line = new();
        for (int index = 0; index < words.Count; index++)
        {
            string word = words[index];
            if (word == "--")
            {
                line._arguments.AddRange(words.Skip(index + 1));
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
                line.AddLong(specs, words, word[2..], ref index);
            else if (word.Length > 1 && word[0] == '-')
                line.AddShort(specs, words, word, ref index);
            else
                line._arguments.Add(word);
        }

        return line;
    }

    /// <summary>Whether the words ask for help, which goes before everything else about them.</summary>
    public static bool AsksForHelp(IEnumerable<string> words) => words.TakeWhile(word => word != "--").Any(word => word is "-h" or "--help");

    public bool Has(string option) => _options.ContainsKey(option);

    public string? ValueOf(string option) => _options.GetValueOrDefault(option);

    private void AddLong(IReadOnlyList<OptionSpec> specs, IReadOnlyList<string> words, string text, ref int index)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? text : text[..equals];
        OptionSpec spec = FindLong(specs, name);
        if (spec.Value is null)
        {
            if (equals >= 0)
                throw new UsageException($"option --{spec.Long} must not have an argument");
            _options[spec.Key] = "";
        }
        else if (equals >= 0)
        {
            _options[spec.Key] = text[(equals + 1)..];
        }
        else
        {
            _options[spec.Key] = ++index < words.Count ? words[index] : throw new UsageException($"option --{spec.Long} requires argument");
        }
    }

    private static OptionSpec FindLong(IReadOnlyList<OptionSpec> specs, string name)
    {
        if (specs.FirstOrDefault(spec => spec.Long == name) is { } exact)
            return exact;
        List<OptionSpec> candidates = [.. specs.Where(spec => name.Length > 0 && spec.Long?.StartsWith(name, StringComparison.Ordinal) == true)];
        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new UsageException($"option --{name} not recognized"),
            _ => throw new UsageException($"option --{name} not a unique prefix"),
        };
    }

    private void AddShort(IReadOnlyList<OptionSpec> specs, IReadOnlyList<string> words, string word, ref int index)
    {
        for (int position = 1; position < word.Length; position++)
        {
            char letter = word[position];
            OptionSpec spec = specs.FirstOrDefault(candidate => candidate.Short == letter)
                ?? throw new UsageException($"option -{letter} not recognized");
            if (spec.Value is null)
            {
                _options[spec.Key] = "";
                continue;
            }

            if (position + 1 < word.Length)
                _options[spec.Key] = word[(position + 1)..];
            else
                _options[spec.Key] = ++index < words.Count ? words[index] : throw new UsageException($"option -{letter} requires argument");
            return;
        }
    }
}
