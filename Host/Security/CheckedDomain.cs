namespace Hospes.Host.Security;

/// <summary>What the check of a configuration says, before anything is made of it.</summary>
/// <param name="Name">The domain's name.</param>
/// <param name="Permitted">The domain's label is one that may run here.</param>
/// <param name="Reason">Why not; null: it is.</param>
/// <param name="Label">The domain's label, or null.</param>
/// <param name="Policy">The label's policy, or null.</param>
/// <param name="Resources">Its disks; null: they were not looked at.</param>
internal sealed record CheckedDomain(string Name, bool Permitted, string? Reason, string? Label, string? Policy, IReadOnlyList<CheckedResource>? Resources);
