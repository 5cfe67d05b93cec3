namespace Hospes.Host.Security;

/// <summary>A denial, as it stands in <c>acm-audit.log</c>.</summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Operation">What was attempted.</param>
/// <param name="Subject">Who attempted it, with label.</param>
/// <param name="Object">What it was about, with label.</param>
/// <param name="Rule">The rule that forbids it.</param>
/// <param name="Policy">The policy in force.</param>
/// <param name="Fingerprint">Digest of its contents.</param>
/// <param name="Number">Which denial it is since the daemon was started.</param>
/// <param name="Unwritten">How many before it were not written, since there were too many at once.</param>
internal sealed record AuditRecord(
    DateTimeOffset Time, string Operation, string Subject, string Object, string Rule, string Policy, string Fingerprint, long Number, long Unwritten);
