namespace Hospes.Security.Acm.Workloads;

/// <summary>Workloads that may not run at the same time.</summary>
/// <param name="Name">For people; may be empty.</param>
/// <param name="Workloads"><c>ORGANIZATION</c> or <c>ORGANIZATION.DEPARTMENT</c>.</param>
internal sealed record ExclusionRule(string Name, IReadOnlyList<string> Workloads);
