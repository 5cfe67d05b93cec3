namespace Hospes.Host.Verbs;

/// <summary>
/// The words after a verb: options with a value (<c>--root DIR</c> or <c>--root=DIR</c>), flags (<c>--json</c>) and plain words. Kept this small
/// because a domain process reads its command line too and must not load a library for it.
/// </summary>
internal sealed class VerbArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);

    /// <summary>Reads the words.</summary>
    /// <param name="words">What stands after the verb.</param>
    /// <param name="options">Names of options that take a value, with their dashes.</param>
    /// <param name="flags">Names of options that take none, with their dashes.</param>
    /// <exception cref="UsageException">An unknown option, or one without its value.</exception>
    public VerbArguments(ReadOnlySpan<string> words, string[] options, string[] flags)
    {
        List<string> plain = [];
        for (int index = 0; index < words.Length; index++)
        {
            string word = words[index];
            int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            string name = equals < 0 ? word : word[..equals];
            if (options.Contains(name, StringComparer.Ordinal))
            {
                if (equals < 0 && index + 1 == words.Length)
                    throw new UsageException($"option {name} requires a value");
                _values[name] = equals < 0 ? words[++index] : word[(equals + 1)..];
            }
            else if (equals < 0 && flags.Contains(word, StringComparer.Ordinal))
            {
                _flags.Add(word);
            }
            else if (word.StartsWith('-'))
            {
                throw new UsageException($"option {name} not recognized");
            }
            else
            {
                plain.Add(word);
            }
        }

        Plain = plain;
    }

    /// <summary>The words that are no options.</summary>
    public IReadOnlyList<string> Plain { get; }

    /// <summary>An option's value, or null.</summary>
    public string? Value(string option) => _values.GetValueOrDefault(option);

    /// <summary>Whether a flag was given.</summary>
    public bool Has(string flag) => _flags.Contains(flag);

    /// <summary>The root that was asked for, by option or else by environment.</summary>
    public HostPaths Paths() => new(Value("--root") ?? Environment.GetEnvironmentVariable("HOSPES_ROOT"));

    /// <summary>The file that says which plugins to load: by option, by environment, else beside this program.</summary>
    public string PluginsFile() => Path.GetFullPath(
        Value("--plugins") ?? Environment.GetEnvironmentVariable("HOSPES_PLUGINS") ?? Path.Combine(AppContext.BaseDirectory, "plugins.json"));
}
