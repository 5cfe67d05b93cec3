using System.Globalization;
using System.Text;

namespace Hospes.Host.BootLoader;

/// <summary>
/// Reads GRUB's menus, of both generations: <c>grub.cfg</c> with menuentry, linux and initrd, <c>menu.lst</c> with title, kernel and initrd. Of the
/// first, which is a language, what installers write is understood: entries, also in submenus, and variables that were set.
/// </summary>
internal sealed class GrubConfig
{
    private const int MostEntries = 1000;

    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly List<GrubEntry> _entries = [];
    private string? _title;
    private string? _kernel;
    private string _arguments = "";
    private string? _ramdisk;

    private GrubConfig()
    {
    }

    /// <summary>The menu's choices, in order.</summary>
    public IReadOnlyList<GrubEntry> Entries => _entries;

    /// <summary>The choice that is made when nobody chooses: a number or a title.</summary>
    public string Default { get; private set; } = "0";

    /// <summary>Reads a menu.</summary>
    public static GrubConfig Parse(string text)
    {
        GrubConfig config = new();
        foreach (string line in text.Split('\n'))
            config.Line(line.Trim());
        config.Finish();
        return config;
    }

    /// <summary>The choice by number or title; what cannot be found is the first.</summary>
    public GrubEntry? Choose(string? wanted)
    {
        string choice = wanted ?? Default;
        if (_entries.Count == 0)
            return null;
        choice = choice.Split('>')[^1];
        return int.TryParse(choice, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < _entries.Count
            ? _entries[number]
            : _entries.Find(entry => entry.Title == choice) ?? _entries[0];
    }

    private static List<string> Words(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        char quote = '\0';
        bool any = false;
        foreach (char character in line)
        {
            if (quote != '\0' ? character == quote : character is '\'' or '"')
            {
                quote = quote == '\0' ? character : '\0';
                any = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(character))
            {
                if (any || word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
                any = false;
            }
            else
            {
                word.Append(character);
            }
        }

        if (any || word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    private void Line(string line)
    {
        if (line.Length == 0 || line[0] == '#' || _entries.Count >= MostEntries)
            return;
        List<string> words = Words(line);
        string rest = words.Count > 1 ? line[words[0].Length..].Trim() : "";
        switch (words[0])
        {
            case "menuentry" when words.Count > 1:
                Finish();
                _title = words[1];
                break;
            case "title":
                Finish();
                _title = rest;
                break;
            case "}":
                Finish();
                break;
            case "default" or "default=":
                Default = rest;
                break;
            case "set" when words.Count > 1:
                Set(words[1]);
                break;
            case "linux" or "linux16" or "linuxefi" or "kernel" or "module" or "multiboot" when words.Count > 1:
                // Xen's own menus start the hypervisor by kernel or multiboot, and then the kernel as the first module.
                if (_kernel is null || words[0] == "module" && _ramdisk is null && Path.GetFileName(_kernel).StartsWith("xen", StringComparison.Ordinal))
                {
                    _kernel = Place(Expand(words[1]));
                    _arguments = Expand(string.Join(' ', words.Skip(2)));
                }
                else if (words[0] == "module")
                {
                    _ramdisk ??= Place(Expand(words[1]));
                }

                break;
            case "initrd" or "initrd16" or "initrdefi" when words.Count > 1:
                _ramdisk = Place(Expand(words[1]));
                break;
            default:
                if (line.StartsWith("default=", StringComparison.Ordinal))
                    Default = line["default=".Length..].Trim('"', '\'');
                break;
        }
    }

    private void Set(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            return;
        (string name, string value) = (assignment[..equals], Expand(assignment[(equals + 1)..]));
        _variables[name] = value;
        if (name == "default" && value.Length > 0)
            Default = value;
    }

    private void Finish()
    {
        if (_title is not null && _kernel is not null)
            _entries.Add(new GrubEntry(_title, _kernel, _arguments.Trim(), _ramdisk));
        _title = _kernel = _ramdisk = null;
        _arguments = "";
    }

    // (hd0,1)/boot/vmlinuz and $prefix/... mean the file system on which the menu was found.
    private static string Place(string path)
    {
        int closing = path.StartsWith('(') ? path.IndexOf(')', StringComparison.Ordinal) : -1;
        return path[(closing + 1)..];
    }

    private string Expand(string text)
    {
        StringBuilder expanded = new();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '$')
            {
                expanded.Append(text[at]);
                continue;
            }

            int start = at + 1;
            bool isBraced = start < text.Length && text[start] == '{';
            int end = start + (isBraced ? 1 : 0);
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                end++;
            expanded.Append(_variables.GetValueOrDefault(text[(start + (isBraced ? 1 : 0))..end], ""));
            at = isBraced && end < text.Length && text[end] == '}' ? end : end - 1;
        }

        return expanded.ToString();
    }
}
