namespace Hospes.Xm.Configuration;

/// <summary>A configuration file's text and the path by which messages call it.</summary>
internal sealed record ConfigSource(string Path, string Text)
{
    /// <summary>More than any configuration; less than what an endless device would give.</summary>
    internal const int MaximumBytes = 1 << 20;

    /// <summary>The error for a place in the file, with the offending line (fact sheet "Domain configuration", section 2).</summary>
    public ConfigException ErrorAt(int line, int column, string problem)
    {
        string[] lines = Text.ReplaceLineEndings("\n").Split('\n');
        string source = line >= 1 && line <= lines.Length ? lines[line - 1] : "";
        string message = $"Errors were found at line {line} while processing {Path}:\n\t{source}";
        if (column < 1)
            return new ConfigException($"{message}\n\t{problem}");
        string before = new([.. source.Take(column - 1).Select(c => c == '\t' ? '\t' : ' ')]);
        return new ConfigException($"{message}\n\t{before}^ column {column}: {problem}");
    }
}
