using System.Collections.Concurrent;
using Hospes.Host.Logging;

namespace Hospes.Host.Domains;

/// <summary>Work that nobody waits for: a failure is logged rather than lost, and a stop can wait for what is under way.</summary>
internal sealed class BackgroundWork(ILogger log)
{
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Begins work that a stop waits for.</summary>
    public void Run(string what, Func<Task> work)
    {
        Task task = GuardAsync(what, work);
        _running[task] = true;
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    /// <summary>Begins work that may last as long as a domain, for which a stop does not wait.</summary>
    public void RunLong(string what, Func<Task> work) => _ = GuardAsync(what, work);

    /// <summary>Waits for the work that <see cref="Run"/> began.</summary>
    public Task FinishAsync() => Task.WhenAll(_running.Keys);

    private async Task GuardAsync(string what, Func<Task> work)
    {
        await Task.Yield();
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.Error($"could not {what}", failure);
        }
    }
}
