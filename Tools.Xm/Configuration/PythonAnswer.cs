using System.Text.Json;

namespace Hospes.Xm.Configuration;

/// <summary>Reads what the driver says; its format stands at the top of driver.py.</summary>
internal static class PythonAnswer
{
    /// <exception cref="JsonException">It is not an answer of the driver's.</exception>
    /// <exception cref="ConfigException">The script went wrong.</exception>
    public static ConfigDocument Read(ConfigSource source, byte[] answer)
    {
        using JsonDocument parsed = JsonDocument.Parse(answer);
        JsonElement root = parsed.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("values", out JsonElement values))
            throw new JsonException("the answer has no values");
        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object)
            throw Error(source, error);

        ConfigDocument document = new() { Output = root.GetProperty("output").GetString() ?? "" };
        JsonElement lines = root.GetProperty("lines");
        foreach (JsonProperty value in values.EnumerateObject())
        {
            int line = lines.TryGetProperty(value.Name, out JsonElement number) ? number.GetInt32() : 0;
            document.Assignments[value.Name] = new ConfigAssignment(Value(value.Value), line);
        }

        foreach (JsonElement name in root.GetProperty("used").EnumerateArray())
            document.UsedNames.Add(name.GetString()!);
        foreach (JsonElement declared in root.GetProperty("declared").EnumerateArray())
            document.Declared.Add((declared[0].GetString()!, declared[1].GetString()!));
        return document;
    }

    private static ConfigException Error(ConfigSource source, JsonElement error)
    {
        string message = error.GetProperty("message").GetString() ?? "";
        return error.GetProperty("kind").GetString() == "check"
            ? new ConfigException(message)
            : source.ErrorAt(error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32(), message);
    }

    private static ConfigValue Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new TextValue(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out long number) => new IntegerValue(number),
        JsonValueKind.Number => new RealValue(value.GetDouble()),
        JsonValueKind.Array => new ListValue([.. value.EnumerateArray().Select(Value)]),
        _ => new TextValue(value.GetRawText()),
    };
}
