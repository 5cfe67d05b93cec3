using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tree;

/// <summary>
/// A checked, absolute path in the store (<c>/local/domain/3/device</c>), or the name of a special watch (<c>@releaseDomain</c>).
/// </summary>
/// <remarks>Characters and lengths: fact sheet "Guest ABI", section 10. No doubled slash, none at the end.</remarks>
internal readonly record struct StorePath
{
    /// <summary>Longest absolute path, in bytes.</summary>
    public const int MaximumAbsolute = 3072;

    /// <summary>Longest path relative to a domain's home, in bytes.</summary>
    public const int MaximumRelative = 2048;

    public static readonly StorePath Root = new("/");
    public static readonly StorePath IntroduceDomain = new("@introduceDomain");
    public static readonly StorePath ReleaseDomain = new("@releaseDomain");

    private readonly string? _text;

    private StorePath(string text) => _text = text;

    public string Text => _text ?? "/";

    public bool IsRoot => Text.Length == 1;

    public bool IsSpecial => Text[0] == '@';

    /// <summary>The path without its last part. The root and special names are their own parents.</summary>
    public StorePath Parent
    {
        get
        {
            int slash = Text.LastIndexOf('/');
            return slash < 0 ? this : slash == 0 ? Root : new(Text[..slash]);
        }
    }

    /// <summary>The last part.</summary>
    public string Name => Text[(Text.LastIndexOf('/') + 1)..];

    /// <summary>A domain's home, where its relative paths start.</summary>
    public static StorePath OfDomain(DomainId domain) => new($"/local/domain/{domain}");

    /// <summary>Checks a path as a client wrote it; one that doesn't start with a slash starts at <paramref name="caller"/>'s home.</summary>
    public static bool TryParse(string text, DomainId caller, out StorePath path, out bool relative)
    {
        path = default;
        relative = text.Length > 0 && text[0] is not ('/' or '@');
        if (text.Length == 0 || text.Length > (relative ? MaximumRelative : MaximumAbsolute) || !HasValidShape(text))
            return false;
        path = new(relative ? $"{OfDomain(caller).Text}/{text}" : text);
        return true;
    }

    /// <summary>A path that the server's own code wrote down.</summary>
    public static StorePath Parse(string text) =>
        TryParse(text, DomainId.Zero, out var path, out _) ? path : throw new FormatException($"'{text}' is no path of the store");

    public StorePath Child(string name) => new(IsRoot ? $"/{name}" : $"{Text}/{name}");

    /// <summary>True if this path is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsAtOrBelow(StorePath ancestor)
    {
        string above = ancestor.Text;
        return ancestor.IsRoot
            ? !IsSpecial
            : Text.StartsWith(above, StringComparison.Ordinal) && (Text.Length == above.Length || Text[above.Length] == '/');
    }

    /// <summary>The names from the root down; empty for the root.</summary>
    public string[] Parts() => IsRoot ? [] : Text.Split('/')[1..];

    /// <summary>The path that the first parts of an absolute one make.</summary>
    public static StorePath FromParts(ReadOnlySpan<string?> parts) => parts.IsEmpty ? Root : new("/" + string.Join('/', parts));

    public override string ToString() => Text;

    private static bool HasValidShape(string text)
    {
        if (text == "/")
            return true;
        char previous = '\0';
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '/' or '_' or '@'))
                return false;
            if (c == '/' && previous == '/')
                return false;
            previous = c;
        }

        return previous != '/';
    }
}
