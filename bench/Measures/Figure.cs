using System.Globalization;

namespace Hospes.Bench.Measures;

/// <summary>A number with its name and its form.</summary>
internal readonly record struct Figure(string Key, double Value, string Format = "0.0000")
{
    public override string ToString() => $"{Key}={Value.ToString(Format, CultureInfo.InvariantCulture)}";
}
