namespace Hospes.TestKit.Security;

/// <summary>A label by names alone.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Types">What it may share.</param>
/// <param name="WallTypes">What it may not run beside the rivals of.</param>
public sealed record ReferenceLabel(string Name, IReadOnlySet<string> Types, IReadOnlySet<string> WallTypes)
{
    /// <summary>Whether two labels may share: they have a type in common.</summary>
    public bool Shares(ReferenceLabel other) => Types.Overlaps(other.Types);
}
