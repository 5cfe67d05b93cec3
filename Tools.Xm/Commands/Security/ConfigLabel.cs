using System.Text.RegularExpressions;
using Hospes.Xm.Cli;
using Hospes.Xm.Configuration;

namespace Hospes.Xm.Commands.Security;

/// <summary>The line of a configuration file that has the domain's label: <c>access_control = ['policy=P,label=L']</c>. The rest of the file is left as it is.</summary>
internal sealed partial class ConfigLabel
{
    private readonly string _name;
    private readonly string _path;
    private readonly string _text;

    private ConfigLabel(string name, string path, string text)
    {
        _name = name;
        _path = path;
        _text = text;
    }

    /// <summary>The policy and label of the line; null: there is none.</summary>
    public (string Policy, string Label)? Label => Line().Match(_text) is { Success: true } line && Pairs().Match(line.Value) is { Success: true } pairs
        ? (pairs.Groups["policy"].Value, pairs.Groups["label"].Value)
        : null;

    /// <summary>Finds a file, in the working directory and then among Xen's.</summary>
    /// <exception cref="CommandFailedException">There is none that can be read.</exception>
    public static ConfigLabel Find(XmSession session, string name)
    {
        string[] places = Path.IsPathRooted(name) ? [name]
            : [Path.GetFullPath(name, session.Environment.WorkingDirectory), Path.Combine(session.Root, "etc/xen", name)];
        string path = Array.Find(places, File.Exists) ?? throw new CommandFailedException($"Configuration file '{name}' not found.");
        try
        {
            return new ConfigLabel(name, path, new ConfigLocator(session.Environment.WorkingDirectory).Read(path).Text);
        }
        catch (ConfigException failure)
        {
            throw new CommandFailedException(failure.Message, failure);
        }
    }

    /// <summary>Adds the line.</summary>
    /// <exception cref="CommandFailedException">There is one already, or it is no domain's configuration.</exception>
    public void Add(string policy, string label)
    {
        if (Line().IsMatch(_text))
            throw new CommandFailedException($"Config file '{_name}' is already labeled.");
        foreach (string needed in (string[])["kernel", "memory", "name"])
        {
            if (!Regex.IsMatch(_text, $@"^\s*{needed}\s*=", RegexOptions.Multiline, TimeSpan.FromSeconds(1)))
                throw new CommandFailedException($"Invalid configuration file.\nInvalid config file '{_name}': it has no '{needed}'");
        }

        string between = _text.Length == 0 || _text.EndsWith('\n') ? "" : "\n";
        Write($"{_text}{between}access_control = ['policy={policy},label={label}']\n");
    }

    /// <summary>Makes the line a comment.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public void Remove()
    {
        if (!Line().IsMatch(_text))
            throw new CommandFailedException("Domain not labeled");
        if (!Line().Match(_text).Value.Contains(']', StringComparison.Ordinal))
            throw new CommandFailedException($"The access_control of '{_name}' goes over several lines: take them out by hand.");
        Write(Line().Replace(_text, static line => $"#{line.Value}"));
    }

    private void Write(string text)
    {
        try
        {
            File.WriteAllText(_path, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"Cannot write file {_name}: {failure.Message}", failure);
        }
    }

    [GeneratedRegex(@"^[ \t]*access_control[ \t]*=.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"['""]\s*policy\s*=\s*(?<policy>[^,'""\s]+)\s*,\s*label\s*=\s*(?<label>[^,'""\s]+)\s*['""]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pairs();
}
