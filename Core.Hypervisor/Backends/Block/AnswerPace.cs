namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// When a guest is told of answers: at once if it may be waiting for them, together with the next ones if it has many requests under way, for each
/// telling is an interrupt that costs it more than the answer. Times are microseconds; one thread.
/// </summary>
internal sealed class AnswerPace
{
    /// <summary>With fewer requests under way than this a guest is told at once.</summary>
    internal const int Deep = 4;

    /// <summary>So many answers are told without waiting for more.</summary>
    internal const int Most = 8;

    /// <summary>No answer waits longer for others.</summary>
    internal const long Longest = 60;

    private long _since;

    /// <summary>How long to wait for further answers before those there are told; 0: now.</summary>
    /// <param name="untold">Answers that the guest has not been told of.</param>
    /// <param name="underway">Requests that are being carried out.</param>
    /// <param name="now">The time.</param>
    internal long Wait(int untold, int underway, long now)
    {
        if (untold == 0)
            return 0;
        if (_since == 0)
            _since = now;
        long left = underway >= Deep && untold < Most ? _since + Longest - now : 0;
        if (left > 0)
            return left;
        _since = 0;
        return 0;
    }
}
