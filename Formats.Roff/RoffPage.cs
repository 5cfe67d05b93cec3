using System.Text;

namespace Hospes.Roff;

/// <summary>A manual page as man(7) has it, put together from plain text.</summary>
public sealed class RoffPage
{
    private readonly StringBuilder _page = new();

    /// <summary>Begins a page.</summary>
    /// <param name="name">What it is about.</param>
    /// <param name="section">The section of the manual.</param>
    /// <param name="summary">One line about it.</param>
    public RoffPage(string name, int section, string summary)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(summary);
        _page.Append($".TH {Argument(name.ToUpperInvariant())} {section} \"\" Hospes Hospes\n");
        Section("NAME");
        _page.Append($"{Escape(name)} \\- {Escape(summary)}\n");
    }

    /// <summary>Begins a section.</summary>
    public RoffPage Section(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        _page.Append($".SH {Argument(title)}\n");
        return this;
    }

    /// <summary>Begins a part of a section.</summary>
    public RoffPage Part(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        _page.Append($".SS {Argument(title)}\n");
        return this;
    }

    /// <summary>A paragraph.</summary>
    public RoffPage Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _page.Append(".PP\n").Append(Lines(text));
        return this;
    }

    /// <summary>What something is called, and what it is.</summary>
    public RoffPage Item(string term, string text)
    {
        ArgumentNullException.ThrowIfNull(term);
        ArgumentNullException.ThrowIfNull(text);
        _page.Append($".TP\n.B {Argument(term)}\n").Append(Lines(text));
        return this;
    }

    /// <summary>Lines that are kept as they are.</summary>
    public RoffPage Example(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _page.Append(".PP\n.nf\n").Append(Lines(text)).Append(".fi\n");
        return this;
    }

    /// <summary>The page, to be written to a file.</summary>
    public override string ToString() => _page.ToString();

    // A line that begins with a dot or a quote would be a request.
    private static string Lines(string text) => string.Concat(text.Split('\n').Select(static line => (line.Length > 0 && line[0] is '.' or '\'' ? "\\&" : "") + Escape(line) + "\n"));

    private static string Argument(string text) => $"\"{Escape(text).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"";

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
        .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal);
}
