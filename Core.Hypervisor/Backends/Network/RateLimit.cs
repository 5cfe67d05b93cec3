namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// How much a guest may transmit: so many bytes in each interval (<c>rate=</c>, fact sheet "Domain configuration", section 4.2). What is not used is kept
/// for bursts, up to <see cref="Burst"/>. Times are the caller's, in microseconds; one thread.
/// </summary>
internal sealed class RateLimit(uint bytesPerInterval, uint intervalMicroseconds)
{
    /// <summary>What may be saved up: two of the largest packets.</summary>
    internal const long Burst = 131072;

    private long _credit = bytesPerInterval;
    private long _since;

    /// <summary>True for a limit that limits nothing.</summary>
    internal bool IsUnlimited => intervalMicroseconds == 0;

    /// <summary>Asks to send a packet. 0: it may go, and is paid for; else how long to wait and ask again.</summary>
    internal long Ask(int bytes, long now)
    {
        if (IsUnlimited)
            return 0;
        if (_since == 0)
            _since = now;
        long intervals = Math.Max(now - _since, 0) / intervalMicroseconds;
        if (intervals > 0)
        {
            _since += intervals * intervalMicroseconds;
            _credit = Math.Min(_credit + Math.Min(intervals, Burst) * bytesPerInterval, Math.Max(Burst, bytesPerInterval));
        }

        // A packet larger than all that may be saved up goes when it can be no better.
        if (_credit < bytes && _credit < Math.Max(Burst, bytesPerInterval))
            return _since + intervalMicroseconds - now;
        _credit -= bytes;
        return 0;
    }
}
