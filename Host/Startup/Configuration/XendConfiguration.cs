using System.Collections.Immutable;
using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Host.Startup.Configuration;

/// <summary>What <c>xend-config.sxp</c> says, checked.</summary>
internal sealed class XendConfiguration
{
    private const string Masked = "XXXXXXXX";

    private readonly ImmutableDictionary<string, string> _values;

    private XendConfiguration(ImmutableDictionary<string, string> values, IReadOnlyList<string> warnings)
    {
        _values = values;
        Warnings = warnings;
    }

    /// <summary>What somebody should look at, although xend works with it.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>All values that the file sets, by parameter.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Reads a file; one that is not there says nothing.</summary>
    /// <exception cref="XendException">It cannot be read, or a value is not what it may be; the message says where.</exception>
    public static XendConfiguration Read(string path)
    {
        try
        {
            return Parse(File.Exists(path) ? File.ReadAllText(path) : "", path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw XendException.Generic($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="XendException">A value is not what it may be.</exception>
    public static XendConfiguration Parse(string text, string path)
    {
        ImmutableDictionary<string, string>.Builder values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        List<string> warnings = [];
        foreach (XendConfigurationEntry entry in Entries(text, path))
        {
            string at = $"{path}, line {entry.Line}";
            if (XendParameters.Find(entry.Name) is not { } parameter)
            {
                warnings.Add($"{at}: there is no parameter '{entry.Name}'{Plugins.NearestName.Hint(entry.Name, [.. XendParameters.All.Select(static known => known.Name)])}");
                continue;
            }

            if (!values.TryAdd(parameter.Name, XendValues.Check(parameter, entry.Form, at)))
                warnings.Add($"{at}: {parameter.Name} is set a second time; the first counts");
        }

        return new XendConfiguration(values.ToImmutable(), warnings);
    }

    /// <summary>A text, or what it is when nothing is said; empty when that is nothing.</summary>
    public string Text(XendParameter parameter) => _values.GetValueOrDefault(parameter.Name, parameter.Default ?? "");

    /// <summary>Where the daemon's log is.</summary>
    public string LogFile(HostPaths paths) => paths.Below(Text(XendParameters.LogFile));

    /// <summary>Whether it is said at all.</summary>
    public bool IsSet(XendParameter parameter) => _values.ContainsKey(parameter.Name);

    /// <summary>Yes or no.</summary>
    public bool Flag(XendParameter parameter) => XendValues.TryBoolean(Text(parameter), out bool value) && value;

    /// <summary>A number.</summary>
    public int Number(XendParameter parameter) => int.Parse(Text(parameter), CultureInfo.InvariantCulture);

    /// <summary>A time.</summary>
    public TimeSpan Seconds(XendParameter parameter) => TimeSpan.FromSeconds(Number(parameter));

    /// <summary>Every parameter with what it is, in the order of the example file: empty where it is nothing, passwords masked as in the log.</summary>
    public IEnumerable<KeyValuePair<string, string>> Shown => XendParameters.All.Select(parameter =>
        KeyValuePair.Create(parameter.Name, parameter.IsSecret && Text(parameter).Length > 0 ? Masked : Text(parameter)));

    private static IEnumerable<XendConfigurationEntry> Entries(string text, string path)
    {
        try
        {
            return XendConfigurationText.Entries(text);
        }
        catch (SxpSyntaxException wrong)
        {
            throw XendException.Generic($"{path} is not a sequence of (key value) forms: {wrong.Message}", wrong);
        }
    }
}
