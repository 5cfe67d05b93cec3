using System.Runtime.InteropServices;
using Hospes.Host.Api.Listeners;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Spares;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.State;

namespace Hospes.Host.Startup;

/// <summary>
/// Says that all is up, once every service has started and the web server listens, and that a stop has begun; keeps the files by which others find
/// the daemon.
/// </summary>
internal sealed class ReadinessService(
    HostPaths paths,
    DaemonOptions options,
    HypervisorRing ring,
    MachineInformation machine,
    MemoryLedger ledger,
    SchedulerService scheduler,
    XendConfiguration configuration,
    ApiListeners listeners,
    DomainTable table,
    FaultPoints faults,
    SpareProcesses spares,
    ILogger<ReadinessService> log) : IHostedLifecycleService, IDisposable
{
    private readonly SystemdNotifier _notifier = SystemdNotifier.FromEnvironment();
    private PosixSignalRegistration? _reload;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // A terminal that goes away, or a manager that asks to reload, must not end the daemon.
        _reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            log.Info("SIGHUP: the configuration is read at the start; 'xend reload' applies a changed one, and no guest notices");
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(paths.PidFile, $"{Environment.ProcessId}\n", cancellationToken);
        if (!ring.IsContinued || !table.All.Any())
        {
            ring.Clear();
            Banner.Print(ring, machine, ledger, scheduler, options.Boot);
        }

        foreach (string warning in configuration.Warnings)
            log.Warning(warning);
        log.Info($"xend started on the root {paths.Root}, listening on {paths.ApiSocket}");
        faults.Arm();
        _notifier.Ready();
        spares.Prepare();
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _notifier.Stopping();
        log.Info("xend is stopping");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (string socket in listeners.Sockets)
            File.Delete(socket);
        File.Delete(paths.PidFile);
        log.Info("xend has stopped");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _reload?.Dispose();
}
