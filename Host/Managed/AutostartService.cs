using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Startup;

namespace Hospes.Host.Managed;

/// <summary>
/// What domains want to happen as xend starts and stops (fact sheet "xend", section 1): those with <c>on_xend_start</c> "start" are started, those with
/// <c>on_xend_stop</c> "shutdown" are told to shut down and given some time, unless it is a reload. All others neither come nor go with xend.
/// </summary>
internal sealed class AutostartService(
    ManagedOperations managed, DomainTable table, DomainOperations operations, StopRequest stop, TimeProvider clock, ILogger<AutostartService> log) : IHostedService
{
    /// <summary>Less than the daemon's own limit for a stop.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => managed.StartAllAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stop.IsReload)
            return;
        List<ManagedDomain> leaving = [];
        foreach (ManagedDomain domain in table.Listed.Where(static domain => domain.IsLive))
        {
            switch (domain.Configuration.OnXendStop)
            {
                case "shutdown" when await TellAsync(domain):
                    leaving.Add(domain);
                    break;
                case "suspend":
                    log.Warning($"domain {domain} wants to be suspended with xend, which needs saving, and that this version cannot do; it runs on");
                    break;
            }
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using PeriodicTimer timer = new(BetweenLooks, clock);
        try
        {
            while (leaving.Exists(domain => domain.IsLive && table.Contains(domain)))
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            log.Warning($"these domains have not shut down within {Patience.TotalSeconds:0} s and run on: {string.Join(", ", leaving.Where(table.Contains))}");
        }
    }

    private async Task<bool> TellAsync(ManagedDomain domain)
    {
        try
        {
            await operations.ShutdownAsync(domain.Uuid.ToString(), "poweroff", CancellationToken.None);
            return true;
        }
        catch (XendException failure)
        {
            log.Warning($"domain {domain} cannot be told to shut down: {failure.Message}");
            return false;
        }
    }
}
