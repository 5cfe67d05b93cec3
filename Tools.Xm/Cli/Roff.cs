using System.Text;

namespace Hospes.Xm.Cli;

/// <summary>A manual page as man(7) has it, put together from plain text. Shared, as source, with the Host, whose pages are made in the same way.</summary>
internal sealed class Roff
{
    private readonly StringBuilder _page = new();

    /// <param name="name">What it is about.</param>
    /// <param name="section">The section of the manual.</param>
    /// <param name="summary">One line about it.</param>
    public Roff(string name, int section, string summary)
    {
        _page.Append($".TH {Argument(name.ToUpperInvariant())} {section} \"\" Hospes Hospes\n");
        Section("NAME");
        _page.Append($"{Escape(name)} \\- {Escape(summary)}\n");
    }

    /// <summary>Begins a section.</summary>
    public Roff Section(string title)
    {
        _page.Append($".SH {Argument(title)}\n");
        return this;
    }

    /// <summary>Begins a part of a section.</summary>
    public Roff Part(string title)
    {
        _page.Append($".SS {Argument(title)}\n");
        return this;
    }

    /// <summary>A paragraph.</summary>
    public Roff Text(string text)
    {
        _page.Append(".PP\n").Append(Lines(text));
        return this;
    }

    /// <summary>What something is called, and what it is.</summary>
    public Roff Item(string term, string text)
    {
        _page.Append($".TP\n.B {Argument(term)}\n").Append(Lines(text));
        return this;
    }

    /// <summary>Lines that are kept as they are.</summary>
    public Roff Example(string text)
    {
        _page.Append(".PP\n.nf\n").Append(Lines(text)).Append(".fi\n");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _page.ToString();

    // A line that begins with a dot or a quote would be a request.
    private static string Lines(string text) => string.Concat(text.Split('\n').Select(static line => (line.Length > 0 && line[0] is '.' or '\'' ? "\\&" : "") + Escape(line) + "\n"));

    private static string Argument(string text) => $"\"{Escape(text).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"";

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
        .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal);
}
