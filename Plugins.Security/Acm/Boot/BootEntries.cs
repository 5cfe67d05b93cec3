using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Boot;

/// <summary>
/// Entries of GRUB's menu, which name a policy in their last <c>module</c> line (fact sheet "ACM", section 1), and our own, <c>/boot/hospes/menu.lst</c>, of the
/// same form: what this hypervisor reads when it starts. GRUB's is changed too if there is one, so that the same policy holds where Xen itself is booted.
/// </summary>
internal sealed class BootEntries(string bootDirectory)
{
    private const string OwnTitle = "Xen (Hospes)";
    private const string Ending = ".bin";
    private const int MostBytes = 1 << 20;

    private string OwnPath => Path.Combine(bootDirectory, "hospes", "menu.lst");

    /// <summary>The policy that the own entry names, and its file; null: none.</summary>
    public (string Name, string Path)? Policy()
    {
        foreach (string line in Lines(OwnPath) ?? [])
        {
            if (ModuleFile(line) is { } file && file.EndsWith(Ending, StringComparison.Ordinal))
                return (file[..^Ending.Length], Path.Combine(bootDirectory, file));
        }

        return null;
    }

    /// <summary>Has the next boot load a policy.</summary>
    /// <returns>The title of the entry.</returns>
    public string Set(string name, byte[] binary, string? title)
    {
        string? menu = MenuPath();
        (string Title, List<string> Lines)? changed = menu is null ? null : Change(menu, name, title);
        if (changed is null && title is not null && !OwnTitle.Contains(title, StringComparison.Ordinal))
            throw NotFound();
        DurableFile.Write(Path.Combine(bootDirectory, name + Ending), binary, isPrivate: false);
        DurableFile.Write(OwnPath, Encoding.UTF8.GetBytes($"title {OwnTitle}\n\tkernel /xen.gz\n\tmodule /{name}{Ending}\n"), isPrivate: false);
        if (changed is { } entry)
            Replace(menu!, entry.Lines);
        return changed?.Title ?? OwnTitle;
    }

    /// <summary>Has the next boot load none.</summary>
    /// <returns>The title of the entry that had one; empty: none had.</returns>
    public string Clear()
    {
        string title = "";
        if (MenuPath() is { } menu)
        {
            List<string> lines = Lines(menu)!;
            int removed = lines.FindIndex(IsPolicyModule);
            if (removed >= 0)
            {
                title = lines[..removed].FindLast(static line => Title(line) is not null) is { } entry ? Title(entry)! : "";
                Replace(menu, [.. lines.Where(line => !IsPolicyModule(line))]);
            }
        }

        if (Policy() is null)
            return title;
        File.Delete(OwnPath);
        return title.Length > 0 ? title : OwnTitle;
    }

    private static SecurityPolicyException NotFound() => new("Boot entry not found. Please specify unique part of the boot title.");

    private static string? Title(string line) => line.TrimStart() is var text && text.StartsWith("title", StringComparison.Ordinal) && text.Length > 5 && char.IsWhiteSpace(text[5])
        ? text[5..].Trim() : null;

    private static string? Word(string line, string keyword)
    {
        string[] words = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 && words[0] == keyword ? words[1] : null;
    }

    private static string? ModuleFile(string line) => Word(line, "module") is { } path && Path.GetFileName(path) is { Length: > 0 } file ? file : null;

    private static List<string>? Lines(string path) => DurableFile.Read(path, MostBytes) is { } text ? [.. Encoding.UTF8.GetString(text).Split('\n')] : null;

    // The menu's name may be a link to where it really is.
    private string? MenuPath()
    {
        foreach (string name in (string[])["grub/menu.lst", "grub/grub.conf"])
        {
            string path = Path.Combine(bootDirectory, name);
            if (File.Exists(path))
                return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }

        return null;
    }

    private (string Title, List<string> Lines) Change(string menu, string name, string? title)
    {
        List<string> lines = Lines(menu)!;
        string[] titles = [.. lines.Select(Title).OfType<string>().Where(found => title is null
            ? found.StartsWith("XEN", StringComparison.OrdinalIgnoreCase) : found.Contains(title, StringComparison.Ordinal))];
        if (titles.Length == 0)
            throw NotFound();
        if (titles.Length > 1)
            throw new SecurityPolicyException($"Following boot entries matched: [{string.Join(", ", titles.Select(static found => $"'{found}'"))}]. \nPlease specify unique part of the boot title.");
        int start = lines.FindIndex(line => Title(line) == titles[0]);
        int end = lines.FindIndex(start + 1, static line => Title(line) is not null);
        end = end < 0 ? lines.Count : end;
        List<string> entry = [.. lines[start..end].Where(line => !IsPolicyModule(line))];
        int last = entry.FindLastIndex(static line => Word(line, "module") is not null || Word(line, "kernel") is not null);
        if (last < 0)
            throw NotFound();

        // As the kernel's own line has it: from the root of the boot partition or of all.
        string prefix = entry.Select(static line => Word(line, "kernel")).FirstOrDefault(static kernel => kernel is not null) is { } kernel ? kernel[..(kernel.LastIndexOf('/') + 1)] : "/";
        string indent = entry[last][..^entry[last].TrimStart().Length];
        entry.Insert(last + 1, $"{indent}module {prefix}{name}{Ending}");
        return (titles[0], [.. lines[..start], .. entry, .. lines[end..]]);
    }

    private bool IsPolicyModule(string line)
    {
        if (ModuleFile(line) is not { } file || !file.EndsWith(Ending, StringComparison.Ordinal) || !PolicyName.IsPolicy(file[..^Ending.Length]))
            return false;
        byte[]? content = DurableFile.Read(Path.Combine(bootDirectory, file), int.MaxValue);
        return content is null || PolicyBinary.IsPolicy(content);
    }

    private static void Replace(string menu, List<string> lines)
    {
        File.Copy(menu, menu + "_save", overwrite: true);
        DurableFile.Write(menu, Encoding.UTF8.GetBytes(string.Join('\n', lines)), isPrivate: false);
    }
}
