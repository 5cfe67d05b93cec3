using System.Diagnostics;

namespace Hospes.Integration.Support;

/// <summary>Waits for something outside this process that announces itself to nobody.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until the condition holds.</summary>
    /// <param name="what">Said when it does not come to hold in time.</param>
    /// <param name="condition">Looked at every 50 ms.</param>
    /// <param name="limit">How long at most.</param>
    /// <param name="evidence">Text for the failure, made when it is needed.</param>
    public static async Task HoldsAsync(string what, Func<bool> condition, TimeSpan limit, Func<string>? evidence = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > limit)
                throw new TimeoutException($"It did not come to hold within {limit} that {what}. {evidence?.Invoke()}");
            await Task.Delay(Look);
        }
    }
}
