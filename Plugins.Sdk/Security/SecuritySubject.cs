namespace Hospes.Sdk.Security;

/// <summary>A domain that is asked about.</summary>
/// <param name="Domain">Its number.</param>
/// <param name="Name">Its name, for denials.</param>
/// <param name="Label">Its label, or null.</param>
public sealed record SecuritySubject(DomainId Domain, string Name, SecurityLabel? Label);
