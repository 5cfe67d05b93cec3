using System.Globalization;

namespace Hospes.Bench.Measures;

/// <summary>A number with its name, its form and its unit.</summary>
internal readonly record struct Figure(string Key, double Value, string Format = "0.0000", string Unit = "")
{
    public override string ToString() => $"{Key}={Value.ToString(Format, CultureInfo.InvariantCulture)}{Unit}";
}
