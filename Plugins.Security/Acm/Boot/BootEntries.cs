using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Boot;

/// <summary>
/// Who boots with which policy: our own entry, <c>/boot/hospes/menu.lst</c>, in the form of GRUB's menu, which this hypervisor reads when it starts; and GRUB's
/// own, if there is one, so that the same policy holds where Xen itself is booted (fact sheet "ACM", section 1).
/// </summary>
internal sealed class BootEntries(string bootDirectory)
{
    private const string OwnTitle = "Xen (Hospes)";
    private const int MostBytes = 1 << 20;
    private static readonly string[] OwnKeywords = ["title", "kernel", "module"];

    private string OwnPath => Path.Combine(bootDirectory, "hospes", "menu.lst");

    /// <summary>The policy that the own entry names, and its file; null: none.</summary>
    /// <exception cref="SecurityPolicyException">The entry is there and cannot be understood.</exception>
    public (string Name, string Path)? Policy()
    {
        if (DurableFile.Read(OwnPath, MostBytes) is not { } text)
            return null;
        (string Name, string Path)? found = null;
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        for (int number = 0; number < lines.Length; number++)
        {
            string[] words = lines[number].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] == '#')
                continue;
            if (words.Length < 2 || !OwnKeywords.Contains(words[0], StringComparer.Ordinal))
                throw new SecurityPolicyException($"{OwnPath}, line {number + 1}: '{lines[number].Trim()}' is not title, kernel or module with what it names");
            if (words[0] != "module" || Path.GetFileName(words[1]) is not { } file || !file.EndsWith(BootMenu.Ending, StringComparison.Ordinal))
                continue;
            string name = file[..^BootMenu.Ending.Length];
            found = PolicyName.IsPolicy(name) ? (name, Path.Combine(bootDirectory, file))
                : throw new SecurityPolicyException($"{OwnPath}, line {number + 1}: '{name}' cannot be the name of a policy");
        }

        return found;
    }

    /// <summary>Has the next boot load a policy.</summary>
    /// <returns>The title of the entry.</returns>
    public string Set(string name, byte[] binary, string? title)
    {
        (BootMenu Menu, bool IsLegacy)? grub = Grub();
        (string Title, List<string> Lines)? changed = grub?.Menu.With(name, title);

        // GRUB 2 is on every Debian, Xen or not; who has an older menu has written it, and Xen's tools wanted their entry in it.
        bool mayBeOwn = title is null ? grub is not { IsLegacy: true } : OwnTitle.Contains(title, StringComparison.Ordinal);
        if (changed is null && !mayBeOwn)
            throw new SecurityPolicyException("Boot entry not found. Please specify unique part of the boot title.");
        DurableFile.Write(Path.Combine(bootDirectory, name + BootMenu.Ending), binary, isPrivate: false);
        DurableFile.Write(OwnPath, Encoding.UTF8.GetBytes($"title {OwnTitle}\n\tkernel /xen.gz\n\tmodule /{name}{BootMenu.Ending}\n"), isPrivate: false);
        if (changed is not { } entry)
            return OwnTitle;
        grub!.Value.Menu.Write(entry.Lines);
        return entry.Title;
    }

    /// <summary>Has the next boot load none.</summary>
    /// <returns>The title of the entry that had one; empty: none had.</returns>
    public string Clear()
    {
        string title = "";
        if (Grub() is { } grub && grub.Menu.Without() is { } changed)
        {
            grub.Menu.Write(changed.Lines);
            title = changed.Title;
        }

        if (!File.Exists(OwnPath))
            return title;
        File.Delete(OwnPath);
        return title.Length > 0 ? title : OwnTitle;
    }

    private (BootMenu Menu, bool IsLegacy)? Grub()
    {
        foreach ((string name, bool isLegacy) in ((string, bool)[])[("menu.lst", true), ("grub.conf", true), ("grub.cfg", false)])
        {
            string path = Path.Combine(bootDirectory, "grub", name);
            if (File.Exists(path))
                return (new BootMenu(path, isLegacy ? MenuForm.Legacy : MenuForm.Grub2), isLegacy);
        }

        return null;
    }
}
