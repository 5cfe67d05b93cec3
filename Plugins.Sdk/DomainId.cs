namespace Hospes.Sdk;

/// <summary>A running domain's number, 0 (dom0) to 0x7fef. Numbers are given out upwards and not reused while the appliance runs.</summary>
/// <param name="Value">The number as guests see it (a <c>domid_t</c>).</param>
public readonly record struct DomainId(ushort Value) : IComparable<DomainId>
{
    /// <summary>What a domain calls itself in a hypercall (<c>DOMID_SELF</c>).</summary>
    public static readonly DomainId Self = new(0x7ff0);

    /// <summary>The control domain.</summary>
    public static readonly DomainId Zero = new(0);

    /// <inheritdoc/>
    public int CompareTo(DomainId other) => Value.CompareTo(other.Value);

    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString();
}
