namespace Hospes.Security.Acm.Policies;

/// <summary>A label as it is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">Its name in the version before, or null.</param>
/// <param name="Types">Names of its types of Simple Type Enforcement.</param>
/// <param name="WallTypes">Names of its types of the Chinese Wall.</param>
internal sealed record LabelDraft(string Name, string? From, List<string> Types, List<string> WallTypes);
