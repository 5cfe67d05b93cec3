namespace Hospes.Sdk.Security;

/// <summary>A resource that a running domain has, as far as a change of policy has to look at it.</summary>
/// <param name="Operation">How it got it.</param>
/// <param name="Subject">Who.</param>
/// <param name="Resource">What.</param>
public sealed record SecurityUse(SecurityOperation Operation, SecuritySubject Subject, SecurityResource Resource);
