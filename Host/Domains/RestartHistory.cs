namespace Hospes.Host.Domains;

/// <summary>How often a domain has been started again, and when last; carried from one incarnation to the next.</summary>
/// <param name="Count">Restarts so far.</param>
/// <param name="Last">When the last one was, or null.</param>
internal readonly record struct RestartHistory(int Count, DateTimeOffset? Last)
{
    /// <summary>A domain that stops again sooner after a restart is not restarted: it would go on for ever (fact sheet "xend", section 4).</summary>
    public static readonly TimeSpan MinimumInterval = TimeSpan.FromSeconds(20);

    /// <summary>Whether a restart at this time would come too soon.</summary>
    public bool IsTooSoon(DateTimeOffset now) => Last is { } last && now - last < MinimumInterval;

    /// <summary>The history after a restart at this time.</summary>
    public RestartHistory After(DateTimeOffset now) => new(Count + 1, now);
}
