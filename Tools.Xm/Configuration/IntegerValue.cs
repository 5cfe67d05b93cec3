using System.Globalization;

namespace Hospes.Xm.Configuration;

/// <summary>A whole number.</summary>
internal sealed record IntegerValue(long Number) : ConfigValue
{
    public override string Describe() => Number.ToString(CultureInfo.InvariantCulture);
}
