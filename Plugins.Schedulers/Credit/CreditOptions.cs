using System.Text.Json;
using Hospes.Sdk;

namespace Hospes.Schedulers.Credit;

/// <summary>What <c>plugins.json</c> can say about the credit scheduler; all else follows from the slice (fact sheet "CPU schedulers", 2.1).</summary>
/// <param name="Slice">How long a turn is, and the accounting period.</param>
internal sealed record CreditOptions(Nanoseconds Slice)
{
    private const int Shortest = 1;
    private const int Longest = 1000;
    private const int TicksPerSlice = 3;
    private const string SliceName = "slice-ms";

    internal static readonly CreditOptions Default = new(Nanoseconds.FromMilliseconds(30));

    internal static readonly IReadOnlyCollection<string> Names = [SliceName];

    /// <summary>How often boosts end and placements are looked at.</summary>
    internal Nanoseconds Tick => new(Slice.Value / TicksPerSlice);

    internal static CreditOptions Parse(JsonElement settings)
    {
        if (!settings.TryGetProperty(SliceName, out JsonElement value))
            return Default;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int milliseconds) || milliseconds is < Shortest or > Longest)
            throw new FormatException($"{SliceName} is {value.GetRawText()}; a whole number of milliseconds from {Shortest} to {Longest} is allowed");
        return new CreditOptions(Nanoseconds.FromMilliseconds(milliseconds));
    }
}
