namespace Hospes.Sdk;

/// <summary>A virtual CPU's number within its domain, from 0.</summary>
/// <param name="Value">The number as the guest sees it.</param>
public readonly record struct VcpuId(int Value)
{
    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString();
}
