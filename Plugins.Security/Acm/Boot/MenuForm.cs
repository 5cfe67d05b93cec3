using System.Text.RegularExpressions;

namespace Hospes.Security.Acm.Boot;

/// <summary>How a boot loader writes its menu.</summary>
/// <param name="Kernels">What the line of a hypervisor begins with.</param>
/// <param name="Modules">What the lines of its modules begin with; the kernel's own comes with the keyword at the same place of the list.</param>
/// <param name="Title">The title in a line that begins an entry; null: it begins none.</param>
/// <param name="IsXen">Whether an entry of a title is Xen's, when nobody has said which.</param>
/// <param name="Ends">Whether a line after the first ends an entry; null: the next title does.</param>
internal sealed partial record MenuForm(
    IReadOnlyList<string> Kernels, IReadOnlyList<string> Modules, Func<string, string?> Title, Func<string, bool> IsXen, Func<string, bool>? Ends)
{
    /// <summary>GRUB 0.97's <c>menu.lst</c> (also called <c>grub.conf</c>): <c>title</c>, <c>kernel</c>, <c>module</c>.</summary>
    public static MenuForm Legacy { get; } = new(
        ["kernel"],
        ["module"],
        static line => line.TrimStart() is var text && text.StartsWith("title", StringComparison.Ordinal) && text.Length > 5 && char.IsWhiteSpace(text[5]) ? text[5..].Trim() : null,
        static title => title.StartsWith("XEN", StringComparison.OrdinalIgnoreCase),
        null);

    /// <summary>GRUB 2's <c>grub.cfg</c>: <c>menuentry 'TITLE' ... {</c>, <c>multiboot2</c>, <c>module2</c>, <c>}</c>. Debian's titles have Xen in their midst.</summary>
    public static MenuForm Grub2 { get; } = new(
        ["multiboot2", "multiboot"],
        ["module2", "module"],
        static line => MenuEntry().Match(line) is { Success: true } entry ? entry.Groups["title"].Value : null,
        static title => title.Contains("xen", StringComparison.OrdinalIgnoreCase),
        static line => line.Trim() == "}");

    [GeneratedRegex(@"^\s*menuentry\s+(?<quote>['""])(?<title>.*?)\k<quote>", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MenuEntry();
}
