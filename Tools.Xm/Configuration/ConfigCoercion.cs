using System.Globalization;

namespace Hospes.Xm.Configuration;

/// <summary>Brings values to the kind that their variable takes.</summary>
internal static class ConfigCoercion
{
    /// <exception cref="ConfigException">The value is of another kind.</exception>
    public static ConfigValue FromFile(ConfigVariable variable, ConfigAssignment assignment, string file)
    {
        ConfigValue? value = variable.Kind switch
        {
            VariableKind.Text => assignment.Value as TextValue,
            VariableKind.TextOrNumber => AsText(assignment.Value),
            VariableKind.Integer => AsInteger(assignment.Value, variable.Minimum),
            VariableKind.Flag => AsFlag(assignment.Value),
            _ => AsList(assignment.Value),
        };
        string place = assignment.Line > 0 ? $"{file}, line {assignment.Line}" : file;
        return value ?? throw new ConfigException($"{place}: {variable.Name} is {assignment.Value.Describe()}, but it has to be {variable.Expected}.");
    }

    /// <exception cref="ConfigException">The words do not say such a value.</exception>
    public static ConfigValue FromCommandLine(ConfigVariable variable, IReadOnlyList<string> words)
    {
        string last = words[^1];
        ConfigValue? value = variable.Kind switch
        {
            VariableKind.Integer => AsInteger(new TextValue(last), variable.Minimum),
            VariableKind.Flag => AsFlag(new TextValue(last)),
            VariableKind.TextList => new ListValue([.. words.Select(word => new TextValue(word))]),
            _ => new TextValue(last),
        };
        return value ?? throw new ConfigException($"Invalid value: {last}\n{variable.Name} has to be {variable.Expected}.");
    }

    private static TextValue? AsText(ConfigValue value) => value switch
    {
        TextValue text => text,
        IntegerValue number => new TextValue(number.Describe()),
        _ => null,
    };

    /// <summary>Scripts compute with strings and divide: what is a whole number all the same counts as one.</summary>
    private static IntegerValue? AsInteger(ConfigValue value, long minimum)
    {
        IntegerValue? number = value switch
        {
            IntegerValue integer => integer,
            RealValue { Number: >= long.MinValue and < long.MaxValue } real when Math.Truncate(real.Number) == real.Number => new IntegerValue((long)real.Number),
            TextValue text when long.TryParse(text.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed) => new IntegerValue(parsed),
            _ => null,
        };
        return number is not null && number.Number >= minimum ? number : null;
    }

    private static IntegerValue? AsFlag(ConfigValue value) => value switch
    {
        IntegerValue { Number: 0 or 1 } flag => flag,
        TextValue { Text: "1" or "y" or "yes" } => new IntegerValue(1),
        TextValue { Text: "0" or "n" or "no" } => new IntegerValue(0),
        _ => null,
    };

    private static ListValue? AsList(ConfigValue value) => value is ListValue list && list.Items.All(item => item is TextValue or IntegerValue)
        ? new ListValue([.. list.Items.Select(item => AsText(item)!)])
        : null;
}
