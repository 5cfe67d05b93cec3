using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Files;

namespace Hospes.Security.Acm.Resources;

/// <summary>
/// Labels on file: <c>resource_labels</c> in the policies' directory, in Xen's format (fact sheet "ACM", section 6), which people may read and edit, and beside
/// the other state which object each belongs to. The first names, the second binds; an entry that only the first has is bound when its object is first seen.
/// The newest entry stands first, as the manual's transcripts have it.
/// </summary>
internal sealed partial class ResourceFile(string policiesDirectory, string stateDirectory)
{
    private const int MostBytes = 16 << 20;
    private const string Head = "resources = {";

    private readonly string _bindings = Path.Combine(stateDirectory, "security", "resources.json");

    /// <summary>The file that people see.</summary>
    public string LabelPath { get; } = Path.Combine(policiesDirectory, "resource_labels");

    /// <summary>Whether it is there.</summary>
    public bool Exists => File.Exists(LabelPath);

    /// <summary>All entries.</summary>
    /// <exception cref="SecurityPolicyException">A file cannot be read.</exception>
    public List<ResourceEntry> Read()
    {
        if (DurableFile.Read(LabelPath, MostBytes) is not { } text)
            return [];
        Dictionary<string, ObjectIdentity> bindings = ReadBindings();
        List<ResourceEntry> entries = [];
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        for (int number = 0; number < lines.Length; number++)
        {
            string line = lines[number].Trim();
            if (line.Length == 0 || line[0] == '#' || line is Head or "}" or "resources={")
                continue;
            Match match = Entry().Match(line);
            if (!match.Success)
                throw new SecurityPolicyException($"{LabelPath}, line {number + 1}: '{line}' is not 'NAME': ('TYPE', 'POLICY', 'LABEL'),");
            string name = match.Groups["name"].Value;
            SecurityLabel label = new(match.Groups["type"] is { Success: true } type ? type.Value : AcmPolicyType.Name, match.Groups["policy"].Value, match.Groups["label"].Value);
            entries.Add(new ResourceEntry(name, label, bindings.GetValueOrDefault(name)));
        }

        return entries;
    }

    /// <summary>Writes all entries.</summary>
    /// <exception cref="SecurityPolicyException">A file cannot be written.</exception>
    public void Write(IReadOnlyList<ResourceEntry> entries)
    {
        using MemoryStream bindings = new();
        using (Utf8JsonWriter writer = new(bindings, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            foreach (ResourceEntry entry in entries.Where(static entry => entry.Identity is not null))
            {
                writer.WriteStartObject(entry.Name);
                writer.WriteString("place", entry.Identity!.Place);
                writer.WriteString("device", entry.Identity.Device);
                writer.WriteString("mark", entry.Identity.Mark);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        StringBuilder text = new($"{Head}\n");
        foreach (ResourceEntry entry in entries)
            text.Append($"    '{entry.Name}': ('{entry.Label.Type}', '{entry.Label.Policy}', '{entry.Label.Name}'),\n");

        // A binding without an entry means nothing: this order leaves nothing labelled and unbound.
        DurableFile.Write(_bindings, bindings.ToArray(), isPrivate: true);
        DurableFile.Write(LabelPath, Encoding.UTF8.GetBytes(text.Append("}\n").ToString()), isPrivate: false);
    }

    private Dictionary<string, ObjectIdentity> ReadBindings()
    {
        Dictionary<string, ObjectIdentity> all = new(StringComparer.Ordinal);
        if (DurableFile.Read(_bindings, MostBytes) is not { } text)
            return all;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
                all[entry.Name] = new ObjectIdentity(entry.Value.GetProperty("place").GetString()!, entry.Value.GetProperty("device").GetString()!, entry.Value.GetProperty("mark").GetString());
            return all;
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SecurityPolicyException($"{_bindings} cannot be read, and so no label can be trusted: {broken.Message}", broken);
        }
    }

    // 'file:/a': ('ACM', 'policy', 'label'),  and without the type as Xen 3.0 wrote it
    [GeneratedRegex(@"^'(?<name>[^']+)'\s*:\s*\(\s*('(?<type>[^']+)'\s*,\s*)?'(?<policy>[^']+)'\s*,\s*'(?<label>[^']+)'\s*\)\s*,?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Entry();
}
