using Hospes.Host.Scheduling;

namespace Hospes.Host.Startup;

/// <summary>Starts the executors. They are stopped when the container disposes the scheduler, after everything that uses it.</summary>
internal sealed class SchedulerHostedService(SchedulerService scheduler) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        scheduler.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
