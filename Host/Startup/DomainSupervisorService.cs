using Hospes.Host.Domains;
using Hospes.Host.Domains.Adoption;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Spares;
using Hospes.Host.Logging;

namespace Hospes.Host.Startup;

/// <summary>
/// Begins and ends the control of domains. At the start it takes over those that run on from an earlier daemon. At the end it lets them run on,
/// unless it is told to take them away (xend's stop never killed a domain).
/// </summary>
internal sealed class DomainSupervisorService(
    HostPaths paths,
    DomainTable table,
    DomainLifecycle lifecycle,
    DomainOperations operations,
    DomainAdoption adoption,
    SpareProcesses spares,
    StopRequest stop,
    ILogger<DomainSupervisorService> log) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => adoption.RunAsync();

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
        await spares.EndAsync();
        foreach (ManagedDomain domain in table.All)
        {
            log.Info($"domain {domain} runs on without xend, as process {domain.Process?.ProcessId}");
            domain.Process?.Dispose();
        }
    }
}
