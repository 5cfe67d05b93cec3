namespace Hospes.Host.Security;

/// <summary>What the check of a configuration says of one of its disks.</summary>
/// <param name="Resource">As it is written in the configuration.</param>
/// <param name="Permitted">The domain may have it.</param>
/// <param name="Label">Its label, or null.</param>
/// <param name="Policy">The label's policy, or null.</param>
/// <param name="Reason">Why not, for people; null: it may.</param>
internal sealed record CheckedResource(string Resource, bool Permitted, string? Label, string? Policy, string? Reason);
