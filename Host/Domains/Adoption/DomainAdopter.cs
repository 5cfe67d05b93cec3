using System.Globalization;
using Hospes.Host.Devices;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Native;
using Hospes.Host.Scheduling;
using Hospes.Host.Security;
using Hospes.Host.Xenstore;

namespace Hospes.Host.Domains.Adoption;

/// <summary>Takes over one domain that an earlier Host has left, or takes away what that one had only half made.</summary>
internal sealed class DomainAdopter(
    HostPaths paths,
    DomainTable table,
    DomainStore store,
    DomainRecords records,
    XenstoreServer xenstore,
    SchedulerService scheduler,
    DomainAttacher attacher,
    DomainLifecycle lifecycle,
    DomainTeardown teardown,
    DeviceManager devices,
    SharingPeers peers,
    TimeProvider clock,
    ILogger<DomainAdopter> log)
{
    /// <summary>Takes a domain away, and starts the next incarnation if that was to be.</summary>
    public async Task RemoveAsync(ManagedDomain domain, DomainRecord record, int? pid)
    {
        log.Warning(domain.Phase == DomainPhase.Creating
            ? $"domain {domain} was being made when xend ended, and is taken away"
            : $"domain {domain} was being taken away when xend ended; the rest of it goes now");
        if (pid is { } number && ProcessHandle.TryOpen(number) is { } process)
        {
            using (process)
            {
                process.Signal(Libc.SignalKill);
                await process.Exited;
            }
        }

        bool isOfThisRun = record.Boot == records.Boot;
        if (!isOfThisRun)
            domain.Successor = null;
        devices.Recall(domain, record.Devices);
        await teardown.RunAsync(domain);
        if (domain.Successor is null)
            table.Remove(domain);
        else
            lifecycle.Succeed(domain);
    }

    /// <summary>Takes a domain over. Done when it is, or when it is clear what becomes of it.</summary>
    public async Task AdoptAsync(ManagedDomain domain, DomainRecord record, int? pid)
    {
        devices.Recall(domain, record.Devices);
        xenstore.ContinueDomain(domain.Id, isShutDown: !domain.IsLive);
        if (pid is not { } number || ProcessHandle.TryOpen(number) is not { } process)
        {
            if (domain.IsLive)
                lifecycle.NoteLost(domain);
            else if (domain.Successor is not null)
                lifecycle.Succeed(domain);
            return;
        }

        TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        domain.Taken = taken.Task;
        try
        {
            await TakeAsync(domain, process);
            taken.TrySetResult();
        }
        catch (Exception failure) when (failure is XendException or IOException or InvalidDataException)
        {
            if (domain.Process is { Exited.IsCompleted: true })
            {
                taken.TrySetResult(); // whoever watches the process deals with its end
                return;
            }

            log.Error($"domain {domain} is left alone, and runs on as process {number}: {failure.Message}");
            domain.Process?.Dispose();
            table.Remove(domain);
            taken.TrySetResult();
        }
    }

    private async Task TakeAsync(ManagedDomain domain, ProcessHandle handle)
    {
        string socket = Path.Combine(paths.Domain(domain.Id.Value), DomainProcessLauncher.ControlSocketName);
        DomainProcessClient process = DomainProcessClient.Connect(handle, socket, domain.Name, paths.DomainLog(domain.Name));
        domain.Process = process;
        lifecycle.Listen(domain, process);
        devices.Listen(domain, process);
        peers.Listen(domain, process);
        process.Start();
        BuiltDomain built = await process.Built;
        await domain.Gate.WaitAsync();
        try
        {
            if (!table.Contains(domain) || domain.Phase == DomainPhase.Dying)
            {
                built.Leases.Dispose();
                return;
            }

            scheduler.Register(domain.Id, built.Leases, paused: null, domain.Configuration.Tuning, process.ProcessId);
            domain.IsPaused = scheduler.IsPaused(domain.Id);
            await attacher.AttachAsync(domain, process, CancellationToken.None);
            peers.Tell();
            if (domain.Devices.Exists(static device => !device.IsComplete))
            {
                await devices.ReleaseIncompleteAsync(domain);
                records.Note(domain);
            }

            await devices.ResumeAsync(domain, CancellationToken.None);
            ExpectShutdown(domain);
            log.Info($"domain {domain} of an earlier xend, process {process.ProcessId}, is under this one");
        }
        finally
        {
            domain.Gate.Release();
        }

        if (domain.Successor is not null && !domain.IsLive)
            lifecycle.Succeed(domain);
    }

    private void ExpectShutdown(ManagedDomain domain)
    {
        if (!domain.IsLive || !long.TryParse(store.Get(domain.Id, "xend/shutdown_start_time"), NumberStyles.None, CultureInfo.InvariantCulture, out long told))
            return;
        TimeSpan since = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(told);
        lifecycle.ExpectShutdown(domain, since > TimeSpan.Zero ? since : TimeSpan.Zero);
    }
}
