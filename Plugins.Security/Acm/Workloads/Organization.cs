namespace Hospes.Security.Acm.Workloads;

/// <summary>An organisation with its departments, each a workload.</summary>
internal sealed record Organization(string Name, IReadOnlyList<string> Departments);
