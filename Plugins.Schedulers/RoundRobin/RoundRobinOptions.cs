using System.Text.Json;
using Hospes.Sdk;

namespace Hospes.Schedulers.RoundRobin;

/// <summary>What <c>plugins.json</c> can say about the round-robin scheduler.</summary>
/// <param name="Slice">How long a turn is.</param>
internal sealed record RoundRobinOptions(Nanoseconds Slice)
{
    // Bounds and default of Xen's sched_credit_tslice_ms (fact sheet "CPU schedulers", section 2.1).
    private const int Shortest = 1;
    private const int Longest = 1000;
    private const string SliceName = "slice-ms";

    internal static readonly Nanoseconds DefaultSlice = Nanoseconds.FromMilliseconds(30);

    internal static readonly IReadOnlyCollection<string> Names = [SliceName];

    internal static RoundRobinOptions Parse(JsonElement settings)
    {
        if (!settings.TryGetProperty(SliceName, out JsonElement value))
            return new RoundRobinOptions(DefaultSlice);
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int milliseconds) || milliseconds is < Shortest or > Longest)
            throw new FormatException($"{SliceName} is {value.GetRawText()}; a whole number of milliseconds from {Shortest} to {Longest} is allowed");
        return new RoundRobinOptions(Nanoseconds.FromMilliseconds(milliseconds));
    }
}
