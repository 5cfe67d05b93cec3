using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Boot;

/// <summary>A boot loader's menu, in whose entries the last module is a policy (fact sheet "ACM", section 1). The file as it was is kept beside it, <c>_save</c>.</summary>
/// <param name="path">The file; a link is followed.</param>
/// <param name="form">How it is written.</param>
internal sealed class BootMenu(string path, MenuForm form)
{
    /// <summary>How the name of a policy's file ends.</summary>
    public const string Ending = ".bin";

    private const int MostBytes = 1 << 20;

    private readonly string _path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Its lines.</summary>
    /// <exception cref="SecurityPolicyException">It cannot be read.</exception>
    public List<string> Lines() => [.. Encoding.UTF8.GetString(DurableFile.Read(_path, MostBytes) ?? []).Split('\n')];

    /// <summary>What the menu is to be when the one entry that is meant loads a policy.</summary>
    /// <param name="name">The policy.</param>
    /// <param name="title">A part of the title; null: Xen's.</param>
    /// <returns>The entry's title and all lines; null: nobody has said which, and none is Xen's.</returns>
    /// <exception cref="SecurityPolicyException">None is meant, or several.</exception>
    public (string Title, List<string> Lines)? With(string name, string? title)
    {
        List<string> lines = Lines();
        string[] titles = [.. lines.Select(form.Title).OfType<string>().Where(found => title is null ? form.IsXen(found) : found.Contains(title, StringComparison.Ordinal))];
        if (titles.Length == 0)
            return null;
        if (titles.Length > 1)
            throw new SecurityPolicyException($"Following boot entries matched: [{string.Join(", ", titles.Select(static found => $"'{found}'"))}]. \nPlease specify unique part of the boot title.");
        int start = lines.FindIndex(line => form.Title(line) == titles[0]);
        int end = lines.FindIndex(start + 1, line => form.Ends is { } ends ? ends(line) : form.Title(line) is not null);
        end = end < 0 ? lines.Count : end;
        List<string> entry = [.. lines[start..end].Where(line => !IsPolicy(line))];
        int last = entry.FindLastIndex(line => Named(line, form.Modules) is not null || Named(line, form.Kernels) is not null);
        if (entry.Find(line => Named(line, form.Kernels) is not null) is not { } kernel)
            return null; // an entry of another system

        // As the kernel's own line has it: from the root of the boot partition or of all.
        string image = Named(kernel, form.Kernels)!;
        string keyword = form.Modules[form.Kernels.ToList().IndexOf(kernel.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0])];
        string indent = entry[last][..^entry[last].TrimStart().Length];
        entry.Insert(last + 1, $"{indent}{keyword} {image[..(image.LastIndexOf('/') + 1)]}{name}{Ending}");
        return (titles[0], [.. lines[..start], .. entry, .. lines[end..]]);
    }

    /// <summary>What the menu is to be without any policy, and the title of the first entry that has one; null: none has.</summary>
    public (string Title, List<string> Lines)? Without()
    {
        List<string> lines = Lines();
        int first = lines.FindIndex(IsPolicy);
        if (first < 0)
            return null;
        string? title = lines[..first].Select(form.Title).LastOrDefault(static found => found is not null);
        return (title ?? "", [.. lines.Where(line => !IsPolicy(line))]);
    }

    /// <summary>Writes other lines.</summary>
    /// <exception cref="SecurityPolicyException">They cannot be written; the file is as it was.</exception>
    public void Write(List<string> lines)
    {
        DurableFile.Write(_path + "_save", DurableFile.Read(_path, MostBytes) ?? [], isPrivate: false);
        DurableFile.Write(_path, Encoding.UTF8.GetBytes(string.Join('\n', lines)), isPrivate: false);
    }

    // The file that a line of one of these keywords names; options may stand before it.
    private static string? Named(string line, IReadOnlyList<string> keywords)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 && keywords.Contains(words[0], StringComparer.Ordinal) ? Array.Find(words[1..], static word => !word.StartsWith("--", StringComparison.Ordinal)) : null;
    }

    // The file lies where all policies of boot entries do, by whatever path the loader reaches it.
    private bool IsPolicy(string line)
    {
        if (Path.GetFileName(Named(line, form.Modules)) is not { } file || !file.EndsWith(Ending, StringComparison.Ordinal) || !PolicyName.IsPolicy(file[..^Ending.Length]))
            return false;
        string boot = Path.GetDirectoryName(Path.GetDirectoryName(path))!;
        byte[]? content = DurableFile.Read(Path.Combine(boot, file), int.MaxValue);
        return content is null || PolicyBinary.IsPolicy(content);
    }
}
