using System.Globalization;

namespace Hospes.Xm.Configuration;

/// <summary>A number with a fraction.</summary>
internal sealed record RealValue(double Number) : ConfigValue
{
    public override string Describe() => Number.ToString("R", CultureInfo.InvariantCulture);
}
