using System.Diagnostics;

namespace Hospes.Host.Tests.Support;

/// <summary>Waits for what another process does, of which no event tells: looks again until it is so, or long enough has passed.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<T> Value<T>(Func<T?> look)
        where T : struct
    {
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            if (look() is { } value)
                return value;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"what was waited for has not come within {Patience.TotalSeconds} s");
            await timer.WaitForNextTickAsync();
        }
    }

    public static async Task True(Func<bool> look, string what)
    {
        try
        {
            await Value<bool>(() => look() ? true : null);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}", late);
        }
    }
}
