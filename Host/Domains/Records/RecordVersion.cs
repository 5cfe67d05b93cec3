namespace Hospes.Host.Domains.Records;

/// <summary>What every version of a record says in the same way: which one it is, and whose.</summary>
internal sealed record RecordVersion(int Version);
