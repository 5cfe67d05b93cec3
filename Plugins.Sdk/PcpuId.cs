namespace Hospes.Sdk;

/// <summary>A physical CPU: a host CPU that the appliance may give away, numbered from 0 in the appliance's own order.</summary>
/// <param name="Value">The number as <c>xm vcpu-list</c> shows it.</param>
public readonly record struct PcpuId(int Value)
{
    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString();
}
