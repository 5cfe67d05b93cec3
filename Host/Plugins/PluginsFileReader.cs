using System.Text.Json;
using Hospes.Sdk.Security;

namespace Hospes.Host.Plugins;

/// <summary>Reads <c>plugins.json</c> and says everything that is wrong with it at once.</summary>
internal sealed class PluginsFileReader
{
    private static readonly string[] TopKeys = ["plugins", "engine", "scheduler", "console", "security"];
    private static readonly string[] EntryKeys = ["assembly", "settings"];

    private readonly List<PluginFault> _faults = [];
    private readonly string _path;

    private PluginsFileReader(string path) => _path = path;

    /// <summary>Reads a file. Every fault is fatal: what a person wrote and we do not understand, we do not guess at.</summary>
    internal static PluginsFile Read(string path, List<PluginFault> faults)
    {
        var reader = new PluginsFileReader(Path.GetFullPath(path));
        PluginsFile file = reader.Read();
        faults.AddRange(reader._faults);
        return file;
    }

    private PluginsFile Read()
    {
        LocatedJson? root = Parse();
        if (root is null || !Expect(root, JsonValueKind.Object, "the whole file"))
            return new PluginsFile();
        var file = new PluginsFile();
        foreach (LocatedMember member in Members(root, TopKeys))
        {
            file = member.Name switch
            {
                "plugins" => file with { Plugins = Entries(member.Value) },
                "engine" => file with { Engine = Choice(file.Engine, member.Value) },
                "security" => file with { Security = Choice(file.Security ?? new PluginChoice(typeof(ISecurityModule), "security", "", null), member.Value) },
                "scheduler" => file with { Scheduler = Choice(file.Scheduler, member.Value) },
                _ => file with { Console = Choice(file.Console, member.Value) },
            };
        }
        return file;
    }

    private LocatedJson? Parse()
    {
        try
        {
            return LocatedJson.Parse(_path, File.ReadAllBytes(_path));
        }
        catch (JsonException fault)
        {
            // The message ends with a position of its own, counted from 0.
            string message = fault.Message.Split(" LineNumber:")[0];
            Add($"{_path}:{fault.LineNumber + 1}:{fault.BytePositionInLine + 1}", $"not JSON: {message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Add(_path, $"cannot be read: {fault.Message}");
        }
        return null;
    }

    private List<PluginEntry> Entries(LocatedJson list)
    {
        List<PluginEntry> entries = [];
        if (!Expect(list, JsonValueKind.Array, "'plugins'"))
            return entries;
        foreach (LocatedJson item in list.Items)
        {
            if (!Expect(item, JsonValueKind.Object, "a plugin"))
                continue;
            LocatedMember[] members = [.. Members(item, EntryKeys)];
            LocatedJson? assembly = Array.Find(members, member => member.Name == "assembly")?.Value;
            LocatedJson? settings = Array.Find(members, member => member.Name == "settings")?.Value;
            if (assembly is null)
                Add(item.Place, "this plugin does not say which 'assembly' it is");
            else if (Expect(assembly, JsonValueKind.String, "'assembly'") && NotEmpty(assembly, "'assembly'"))
                entries.Add(new PluginEntry(assembly.Text!, Resolve(assembly.Text!), assembly.Place, Settings(settings)));
        }
        return entries;
    }

    private List<LocatedMember> Settings(LocatedJson? settings)
    {
        if (settings is null || !Expect(settings, JsonValueKind.Object, "'settings'"))
            return [];
        return [.. Members(settings, null).Where(export => Expect(export.Value, JsonValueKind.Object, $"the settings of '{export.Name}'"))];
    }

    private PluginChoice Choice(PluginChoice choice, LocatedJson value) =>
        Expect(value, JsonValueKind.String, $"'{choice.Key}'") && NotEmpty(value, $"'{choice.Key}'")
            ? choice with { Name = value.Text!, Place = value.Place }
            : choice;

    private string Resolve(string assembly) => Path.GetFullPath(assembly, Path.GetDirectoryName(_path)!);

    // The members that are known and not repeated; null: all names are known.
    private IEnumerable<LocatedMember> Members(LocatedJson value, string[]? known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (LocatedMember member in value.Members)
        {
            if (known is not null && !known.Contains(member.Name, StringComparer.Ordinal))
                Add(member.Place, $"unknown key '{member.Name}'{NearestName.Hint(member.Name, known)}");
            else if (!seen.Add(member.Name))
                Add(member.Place, $"'{member.Name}' is given a second time; once is enough");
            else
                yield return member;
        }
    }

    private bool Expect(LocatedJson value, JsonValueKind kind, string what)
    {
        if (value.Kind == kind)
            return true;
        Add(value.Place, $"{what} is to be {Describe(kind)}, not {Describe(value.Kind)}");
        return false;
    }

    private bool NotEmpty(LocatedJson value, string what)
    {
        if (!string.IsNullOrWhiteSpace(value.Text))
            return true;
        Add(value.Place, $"{what} is empty");
        return false;
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object { }",
        JsonValueKind.Array => "a list [ ]",
        JsonValueKind.String => "a text in quotes",
        JsonValueKind.Number => "a number",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private void Add(string place, string message) => _faults.Add(new PluginFault(place, message, IsFatal: true));
}
