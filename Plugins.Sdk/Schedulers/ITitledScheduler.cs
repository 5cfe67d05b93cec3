namespace Hospes.Sdk.Schedulers;

/// <summary>An optional ability of an <see cref="IScheduler"/>: it has a longer name than the one that people write, for the hypervisor's messages.</summary>
public interface ITitledScheduler
{
    /// <summary>As in <c>SMP Credit Scheduler</c>. Always the same; any thread.</summary>
    string Title { get; }
}
