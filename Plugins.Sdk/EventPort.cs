namespace Hospes.Sdk;

/// <summary>A domain's end of an event channel; 0 is never a valid port.</summary>
/// <param name="Value">The port's number, 1 to 4095 with the two-level interface.</param>
public readonly record struct EventPort(uint Value)
{
    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString();
}
