using Hospes.Host.Domains;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Logging;

namespace Hospes.Host.Startup;

/// <summary>
/// Begins and ends the control of domains. At the start it clears what a daemon that was killed has left of domains whose processes are gone. At
/// the end it lets the domains run on, unless it is told to take them away (xend's stop never killed a domain).
/// </summary>
internal sealed class DomainSupervisorService(
    HostPaths paths,
    DomainTable table,
    DomainLifecycle lifecycle,
    DomainOperations operations,
    StopRequest stop,
    ILogger<DomainSupervisorService> log) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach ((int number, string directory) in LeftDomain.Find(paths))
        {
            table.SkipNumbersUpTo(number);
            if (LeftDomain.FindProcess(directory) is { } pid)
                log.Warning($"domain {number} of an earlier xend runs on as process {pid}, without this one; 'kill {pid}' or 'xend stop --destroy-domains' ends it");
            else
                Directory.Delete(directory, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stop.DestroyDomains)
        {
            await operations.DestroyAllAsync(cancellationToken);
            foreach ((_, string directory) in LeftDomain.Find(paths))
                await LeftDomain.EndAsync(directory);
        }

        await lifecycle.LeaveAsync();
        foreach (ManagedDomain domain in table.All)
        {
            log.Info($"domain {domain} runs on without xend, as process {domain.Process?.ProcessId}");
            domain.Process?.Dispose();
        }
    }
}
