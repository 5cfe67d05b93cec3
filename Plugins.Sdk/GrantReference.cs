namespace Hospes.Sdk;

/// <summary>An index into a domain's grant table.</summary>
/// <param name="Value">The entry's number, from 0.</param>
public readonly record struct GrantReference(uint Value)
{
    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString();
}
