using System.Globalization;

namespace Hospes.Security.Acm.Policies;

/// <summary>A policy's version, such as 1.0.</summary>
internal readonly record struct PolicyVersion(uint Major, uint Minor)
{
    /// <summary>Reads two numbers of up to eight digits with a dot between.</summary>
    public static PolicyVersion? TryParse(string text) =>
        text.Split('.') is [{ Length: > 0 and <= 8 } major, { Length: > 0 and <= 8 } minor]
        && uint.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out uint first)
        && uint.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out uint second)
            ? new PolicyVersion(first, second)
            : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
