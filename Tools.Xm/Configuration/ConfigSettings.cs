namespace Hospes.Xm.Configuration;

/// <summary>The variables that configure a domain, each of the kind it has to be; what the command line says goes before the file.</summary>
internal sealed class ConfigSettings
{
    private readonly Dictionary<string, ConfigValue> _values = new(StringComparer.Ordinal);

    /// <exception cref="ConfigException">A value is of the wrong kind, or a name is misspelt.</exception>
    public static ConfigSettings Resolve(ConfigDocument document, CommandLineSettings commandLine, string file)
    {
        ConfigSettings settings = new();
        foreach ((string name, ConfigAssignment assignment) in document.Assignments)
        {
            bool isOverridden = commandLine.ValuesOf(name).Count > 0;
            if (ConfigVariables.Find(name) is not { } variable)
                CheckSpelling(name, assignment, document, file, isOverridden);
            else if (!isOverridden)
                settings._values[name] = ConfigCoercion.FromFile(variable, assignment, file);
        }

        foreach (string name in commandLine.Names)
        {
            if (ConfigVariables.Find(name) is { } variable)
                settings._values[name] = ConfigCoercion.FromCommandLine(variable, commandLine.ValuesOf(name));
            else
                CheckSpelling(name, document);
        }

        return settings;
    }

    /// <summary>A text that is set and not empty, else null.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name) is TextValue { Text.Length: > 0 } value ? value.Text : null;

    public long? Number(string name) => _values.GetValueOrDefault(name) is IntegerValue value ? value.Number : null;

    public bool Flag(string name) => Number(name) is not null and not 0;

    public bool IsSet(string name) => _values.ContainsKey(name);

    public IReadOnlyList<string> List(string name) =>
        _values.GetValueOrDefault(name) is ListValue list ? [.. list.Items.Select(item => ((TextValue)item).Text)] : [];

    /// <summary>Sets what was not: the name that comes from the file, old spellings that stand for newer ones.</summary>
    public void SetDefault(string name, ConfigValue value) => _values.TryAdd(name, value);

    /// <summary>
    /// A file may have helper variables of any name. One that nothing uses and that is nearly a known name is a mistake, and
    /// would be a silent one: the domain would start without what its owner wrote.
    /// </summary>
    private static void CheckSpelling(string name, ConfigAssignment assignment, ConfigDocument document, string file, bool isOverridden)
    {
        if (isOverridden || document.UsedNames.Contains(name) || document.Declared.Any(declared => declared.Name == name))
            return;
        if (ConfigVariables.Elsewhere.Contains(name) || Guess(name) is not { } meant)
            return;
        string place = assignment.Line > 0 ? $"{file}, line {assignment.Line}" : file;
        throw new ConfigException(
            $"{place}: unknown variable '{name}': did you mean '{meant}'? (A helper variable that is used nowhere needs another name.)");
    }

    /// <summary>On the command line too, unless the file has a use for the name.</summary>
    private static void CheckSpelling(string name, ConfigDocument document)
    {
        if (document.UsedNames.Contains(name) || document.Declared.Any(declared => declared.Name == name) || ConfigVariables.Elsewhere.Contains(name))
            return;
        if (Guess(name) is { } meant)
            throw new ConfigException($"Unknown variable '{name}' on the command line: did you mean '{meant}'?");
    }

    private static string? Guess(string name) => SpellingGuess.Nearest(name, ConfigVariables.All.Select(variable => variable.Name));
}
