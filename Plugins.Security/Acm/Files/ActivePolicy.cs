using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Files;

/// <summary>A policy in force.</summary>
/// <param name="Policy">It.</param>
/// <param name="Source">The text that it was made of; empty: only its compiled form is known.</param>
/// <param name="Reference">Its identity, given when it was put in force.</param>
internal sealed record ActivePolicy(AcmPolicy Policy, string Source, Guid Reference);
