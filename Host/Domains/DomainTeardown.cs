using Hospes.Host.Devices;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Host.Security;
using Hospes.Host.State;
using Hospes.Host.Xenstore;

namespace Hospes.Host.Domains;

/// <summary>
/// Takes away all that belongs to a domain, however much of it there is: also how a creation that fails is undone. Each step stands alone; one that
/// fails is logged and the others still happen. Called with the domain's gate held, or before anybody else can know the domain.
/// </summary>
internal sealed class DomainTeardown(
    HostPaths paths,
    DomainStore store,
    XenstoreServer xenstore,
    SchedulerService scheduler,
    DeviceManager devices,
    DomainRecords records,
    SecurityService security,
    FaultPoints faults,
    ILogger<DomainTeardown> log)
{
    /// <summary>How long a process may take to end by itself before it is killed.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(2);

    /// <summary>Takes the domain's parts away; it stays in the table.</summary>
    public async Task RunAsync(ManagedDomain domain)
    {
        bool wasMade = domain.Phase != DomainPhase.Creating;
        domain.Phase = DomainPhase.Dying;

        // A domain half taken away is to be taken away, not to be found without its process and started again.
        if (wasMade)
            records.Note(domain);
        faults.Reach(FaultPoints.Destroy);
        await domain.Life.CancelAsync();
        await StepAsync(domain, "end its process", () => EndProcessAsync(domain));
        faults.Reach(FaultPoints.Destroy);
        await StepAsync(domain, "release its devices", () => devices.ReleaseAllAsync(domain));
        Step(domain, "take it from the security module", () => security.Dismiss(domain));
        faults.Reach(FaultPoints.Destroy);
        Step(domain, "take its vCPUs from the scheduler", () =>
        {
            domain.NoteCpuTime(scheduler.CpuTime(domain.Id));
            scheduler.Unregister(domain.Id);
        });
        Step(domain, "remove its store nodes", () => store.Remove(domain));
        Step(domain, "release it in the store", () => xenstore.ReleaseDomain(domain.Id));
        faults.Reach(FaultPoints.Destroy);
        Step(domain, "remove its directory", () => records.Clear(paths.Domain(domain.Id.Value), keepRecord: domain.Successor is not null));
        faults.Reach(FaultPoints.Destroy);
    }

    /// <summary>Removes what was kept of a domain for the sake of its successor.</summary>
    public void Forget(ManagedDomain domain)
    {
        domain.Successor = null;
        Step(domain, "remove its record", () => records.Clear(paths.Domain(domain.Id.Value), keepRecord: false));
    }

    private static async Task EndProcessAsync(ManagedDomain domain)
    {
        if (domain.Process is not { } process)
            return;
        using (process)
        {
            if (!process.Exited.IsCompleted)
            {
                try
                {
                    await process.RequestAsync(static id => new ControlMessage.End { Id = id }, [], Courtesy, CancellationToken.None);
                    await process.Exited.WaitAsync(Courtesy);
                }
                catch (Exception unwilling) when (unwilling is XendException or TimeoutException)
                {
                    process.Kill();
                }
            }

            await process.Exited;
        }
    }

    private void Step(ManagedDomain domain, string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.Error($"cannot {what}: domain {domain}", failure);
        }
    }

    private async Task StepAsync(ManagedDomain domain, string what, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.Error($"cannot {what}: domain {domain}", failure);
        }
    }
}
