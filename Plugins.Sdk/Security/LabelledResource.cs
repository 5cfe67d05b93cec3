namespace Hospes.Sdk.Security;

/// <summary>A resource and its label.</summary>
/// <param name="Name">Where it was when somebody looked last: <c>file:/images/a</c>.</param>
/// <param name="Label">Its label.</param>
public sealed record LabelledResource(string Name, SecurityLabel Label);
