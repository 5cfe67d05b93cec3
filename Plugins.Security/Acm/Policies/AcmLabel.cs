namespace Hospes.Security.Acm.Policies;

/// <summary>A label of a policy.</summary>
/// <param name="Name">Unique among labels of its kind.</param>
/// <param name="Types">Its types of Simple Type Enforcement: what it may share.</param>
/// <param name="WallTypes">Its types of the Chinese Wall: what it may not run beside; none for a resource.</param>
/// <param name="From">What the label was called in the version before, or null.</param>
internal sealed record AcmLabel(string Name, TypeSet Types, TypeSet WallTypes, string? From = null);
