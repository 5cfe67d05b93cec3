namespace Hospes.Security.Acm.Policies;

/// <summary>Types of the Chinese Wall of which one may run at a time.</summary>
/// <param name="Name">For people; the hypervisor knows none.</param>
/// <param name="Types">The types.</param>
internal sealed record ConflictSet(string Name, TypeSet Types);
