using System.Text.RegularExpressions;
using Hospes.Xm.Cli;
using Hospes.Xm.Configuration;

namespace Hospes.Xm.Commands.Security;

/// <summary>The label of a network interface in a configuration file: <c>vif = ['mac=..., policy=P, label=L', ...]</c>. The rest of the file is left as it is.</summary>
internal sealed partial class ConfigVif
{
    private readonly ConfigText _file;
    private readonly int _number;
    private readonly Range _literal;
    private readonly string[] _pairs;

    /// <summary>An interface of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="number">Which, from 0.</param>
    /// <exception cref="CommandFailedException">There is no such interface, or the list is not written out.</exception>
    public ConfigVif(ConfigText file, int number)
    {
        _file = file;
        _number = number;
        List<Range> literals = Literals();
        if (number >= literals.Count)
            throw new CommandFailedException($"Config file '{file.Name}' has {(literals.Count == 0 ? "no vif" : $"{literals.Count} vifs")}: there is no vif-{number}.");
        _literal = literals[number];
        string text = file.Text[_literal];
        _pairs = [.. text[1..^1].Split(',').Select(static pair => pair.Trim()).Where(static pair => pair.Length > 0)];
    }

    /// <summary>Its policy and label; null: it has none.</summary>
    public (string Policy, string Label)? Label => Value("policy") is { } policy && Value("label") is { } label ? (policy, label) : null;

    /// <summary>Gives it a label.</summary>
    /// <exception cref="CommandFailedException">It has one.</exception>
    public void Add(string policy, string label)
    {
        if (Label is not null)
            throw new CommandFailedException($"vif-{_number} of '{_file.Name}' is already labeled.");
        Write([.. Unlabelled(), $"policy={policy}", $"label={label}"]);
    }

    /// <summary>Takes its label away.</summary>
    /// <exception cref="CommandFailedException">It has none.</exception>
    public void Remove()
    {
        if (Label is null)
            throw new CommandFailedException($"vif-{_number} of '{_file.Name}' is not labeled.");
        Write(Unlabelled());
    }

    private static string Key(string pair) => pair.Split('=')[0].Trim();

    private string? Value(string key) => Array.Find(_pairs, pair => Key(pair) == key)?.Split('=', 2) is [_, var value] ? value.Trim() : null;

    private string[] Unlabelled() => [.. _pairs.Where(static pair => Key(pair) is not ("policy" or "label"))];

    private void Write(string[] pairs)
    {
        (int start, int length) = _literal.GetOffsetAndLength(_file.Text.Length);
        char quote = _file.Text[start];
        _file.Write($"{_file.Text[..start]}{quote}{string.Join(", ", pairs)}{quote}{_file.Text[(start + length)..]}");
    }

    /// <summary>Where the strings of the last assignment's list stand, their quotes included.</summary>
    private List<Range> Literals()
    {
        List<Range> literals = [];
        string text = _file.Text;
        if (Assignment().Matches(text) is not { Count: > 0 } found)
            return literals;
        int at = found[^1].Index + found[^1].Length;
        while (true)
        {
            at += Space().Match(text, at).Length;
            if (at < text.Length && text[at] == ']')
                return literals;

            // Without prefixes, in single quotes and without escapes: what stands there is what it means.
            if (PlainString.TryRead(text, at) is not { Problem: null } literal || literal.Value != text[(at + 1)..Math.Max(at + 1, literal.End - 1)])
                throw new CommandFailedException($"The vif of '{_file.Name}' is not a list of plain strings: write policy=POLICY,label=LABEL into it by hand.");
            literals.Add(at..literal.End);
            at = literal.End;
            at += Space().Match(text, at).Length;
            if (at < text.Length && text[at] == ',')
                at++;
        }
    }

    [GeneratedRegex(@"^vif[ \t]*=[ \t]*\[", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Assignment();

    // Blanks, line ends, comments, and lines that go on.
    [GeneratedRegex(@"\G(?:\s|\\\r?\n|\#[^\n]*)*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Space();
}
