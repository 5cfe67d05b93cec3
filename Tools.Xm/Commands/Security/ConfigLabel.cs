using System.Text.RegularExpressions;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary>The line of a configuration file that has the domain's label: <c>access_control = ['policy=P,label=L']</c>. The rest of the file is left as it is.</summary>
internal sealed partial class ConfigLabel(ConfigText file)
{
    /// <summary>The policy and label of the line; null: there is none.</summary>
    public (string Policy, string Label)? Label => Line().Match(file.Text) is { Success: true } line && Pairs().Match(line.Value) is { Success: true } pairs
        ? (pairs.Groups["policy"].Value, pairs.Groups["label"].Value)
        : null;

    /// <summary>Adds the line.</summary>
    /// <exception cref="CommandFailedException">There is one already, or it is no domain's configuration.</exception>
    public void Add(string policy, string label)
    {
        if (Line().IsMatch(file.Text))
            throw new CommandFailedException($"Config file '{file.Name}' is already labeled.");
        foreach (string needed in (string[])["kernel", "memory", "name"])
        {
            if (!Regex.IsMatch(file.Text, $@"^\s*{needed}\s*=", RegexOptions.Multiline, TimeSpan.FromSeconds(1)))
                throw new CommandFailedException($"Invalid configuration file.\nInvalid config file '{file.Name}': it has no '{needed}'");
        }

        string between = file.Text.Length == 0 || file.Text.EndsWith('\n') ? "" : "\n";
        file.Write($"{file.Text}{between}access_control = ['policy={policy},label={label}']\n");
    }

    /// <summary>Makes the line a comment.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public void Remove()
    {
        if (!Line().IsMatch(file.Text))
            throw new CommandFailedException("Domain not labeled");
        if (!Line().Match(file.Text).Value.Contains(']', StringComparison.Ordinal))
            throw new CommandFailedException($"The access_control of '{file.Name}' goes over several lines: take them out by hand.");
        file.Write(Line().Replace(file.Text, static line => $"#{line.Value}"));
    }

    [GeneratedRegex(@"^[ \t]*access_control[ \t]*=.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"['""]\s*policy\s*=\s*(?<policy>[^,'""\s]+)\s*,\s*label\s*=\s*(?<label>[^,'""\s]+)\s*['""]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pairs();
}
