namespace Hospes.Host.Plugins;

/// <summary>How much a plugin is put up with.</summary>
internal sealed record PluginGuardOptions
{
    /// <summary>How long one call may take.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A call that is waited for is limited in time, and no more: for a process that makes its plugins at its start and is quicker there without what
    /// retries and breaks take.
    /// </summary>
    internal bool IsPlain { get; init; }

    /// <summary>Further tries of an operation that is safe to repeat.</summary>
    internal int Retries { get; init; } = 2;

    /// <summary>The pause before the first further try; each next one is twice as long.</summary>
    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After this many failures and no success within <see cref="BreakTime"/>, the plugin is not called for that time. At least 2.</summary>
    internal int FailuresUntilBreak { get; init; } = 5;

    /// <summary>How long a plugin that keeps failing is left alone.</summary>
    internal TimeSpan BreakTime { get; init; } = TimeSpan.FromSeconds(30);
}
