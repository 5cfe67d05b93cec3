using Hospes.Host.Devices;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Host.Xenstore;
using Hospes.Hypervisor.Domains;

namespace Hospes.Host.Domains;

/// <summary>
/// What happens to domains by themselves: a guest shuts down, reboots or crashes, a process dies, a guest does not answer an order to shut down
/// (fact sheets "xend", section 4, and "Domain configuration", section 9).
/// </summary>
internal sealed class DomainLifecycle(
    DomainTable table,
    DomainStore store,
    XenstoreServer xenstore,
    SchedulerService scheduler,
    DomainCreator creator,
    DomainTeardown teardown,
    DeviceManager devices,
    DomainRecords records,
    HypervisorRing ring,
    TimeProvider clock,
    ILogger<DomainLifecycle> log)
{
    /// <summary>How long a guest may take to act on an order before it is marked as not responding.</summary>
    public static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(300);

    private readonly BackgroundWork _background = new(log);
    private volatile bool _leaving;

    /// <summary>Makes a domain for a person who asked for it; it is paused.</summary>
    public Task<ManagedDomain> CreateAsync(VmConfiguration configuration, CancellationToken cancellation) =>
        creator.CreateAsync(configuration, default, null, Listen, cancellation);

    /// <summary>Takes a domain away. The gate is held.</summary>
    public async Task DestroyAsync(ManagedDomain domain)
    {
        await teardown.RunAsync(domain);
        table.Remove(domain);
        ring.Say($"Domain {domain.Id} ({domain.Name}) has been destroyed.");
    }

    /// <summary>Watches that a guest acts on an order to shut down. The domain's life ends the watch.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="since">How long ago it was told to.</param>
    public void ExpectShutdown(ManagedDomain domain, TimeSpan since = default) => _background.RunLong($"wait for {domain} to shut down", async () =>
    {
        try
        {
            await Task.Delay(since < ShutdownPatience ? ShutdownPatience - since : TimeSpan.Zero, clock, domain.Life.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (!domain.IsLive)
            return;
        store.Set(domain.Id, "xend/unresponsive", "True");
        log.Warning($"domain {domain} has not shut down within {ShutdownPatience.TotalSeconds:0} s of being told to");
    });

    /// <summary>The daemon stops: what is under way is finished, nothing further is begun.</summary>
    public async Task LeaveAsync()
    {
        _leaving = true;
        await _background.FinishAsync();
    }

    /// <summary>Hears of what happens to a domain by itself. Before its process may say anything.</summary>
    public void Listen(ManagedDomain domain, DomainProcessClient process)
    {
        process.Said += text => ring.Append($"{text}\n");
        process.Stopped += stopped => _background.Run($"see to {domain}, which stopped", () => StoppedAsync(domain, stopped.Reason, stopped.Detail));
        process.Disconnected += failure =>
        {
            if (domain.IsLive && !_leaving)
                log.Debug($"domain {domain}: the connection to process {process.ProcessId} has ended{(failure is null ? "" : $": {failure.Message}")}");
        };
        _background.RunLong($"watch the process of {domain}", async () =>
        {
            string how = await process.Exited;
            if (!_leaving && domain.Phase is not DomainPhase.Dying and not DomainPhase.Creating)
                await StoppedAsync(domain, ShutdownReason.Crash, $"its process {process.ProcessId} {how}");
        });
    }

    /// <summary>The process of a domain has ended while no Host was there to see it.</summary>
    public void NoteLost(ManagedDomain domain) => _background.Run(
        $"see to {domain}, whose process is gone", () => StoppedAsync(domain, ShutdownReason.Crash, "its process ended while xend was away"));

    /// <summary>Starts the incarnation that an earlier Host was about to start, unless it has.</summary>
    /// <param name="before">What is left of the incarnation before: its record alone, or its remains under another name.</param>
    public void Succeed(ManagedDomain before) => _background.Run($"start {before} again", async () =>
    {
        await before.Gate.WaitAsync();
        try
        {
            if (before.Successor is not { } successor || !table.Contains(before))
                return;
            if (before.Phase != DomainPhase.Dying)
                await MakeWayAsync(before, successor);
            if (table.All.Any(domain => domain != before && domain.Uuid == successor.Configuration.Uuid))
                Settle(before);
            else
                await RestartAsync(successor.Configuration, successor.Restarts, before);
        }
        finally
        {
            before.Gate.Release();
        }
    });

    private async Task StoppedAsync(ManagedDomain domain, ShutdownReason reason, string? detail)
    {
        await domain.Gate.WaitAsync();
        try
        {
            if (domain.Phase != DomainPhase.Live || _leaving || !table.Contains(domain))
                return;
            LifecycleAction action = Guard(domain, Action(domain, reason));

            // Noted first: who sees the domain in its new state finds in log and store how it came to it. Only what stays is listed as shut down or
            // crashed; the rest is on its way out.
            bool stays = action is LifecycleAction.Preserve or LifecycleAction.RenameRestart;
            Note(domain, reason, detail, action, stays);
            if (action is LifecycleAction.Restart or LifecycleAction.RenameRestart)
                domain.Successor = new Successor(Present(domain), domain.Restarts.Count, domain.Restarts.Last);
            domain.Phase = !stays ? DomainPhase.Dying : IsCrash(reason) ? DomainPhase.Crashed : DomainPhase.ShutDown;
            records.Note(domain);
            xenstore.NotifyShutdown(domain.Id);
            await ActAsync(domain, action);
        }
        finally
        {
            domain.Gate.Release();
        }
    }

    private static bool IsCrash(ShutdownReason reason) => reason is ShutdownReason.Crash or ShutdownReason.Watchdog;

    private static LifecycleAction Action(ManagedDomain domain, ShutdownReason reason) => reason switch
    {
        ShutdownReason.PowerOff => domain.Configuration.OnPoweroff,
        ShutdownReason.Reboot => domain.Configuration.OnReboot,
        ShutdownReason.Crash or ShutdownReason.Watchdog => domain.Configuration.OnCrash,
        ShutdownReason.Suspend => LifecycleAction.Preserve, // left for whoever saves it
        _ => LifecycleAction.Destroy,
    };

    private static string Word(ShutdownReason reason) => reason switch
    {
        ShutdownReason.PowerOff => "poweroff",
        ShutdownReason.Reboot => "reboot",
        ShutdownReason.Crash or ShutdownReason.Watchdog => "crash",
        ShutdownReason.Suspend => "suspend",
        _ => "halt",
    };

    /// <summary>A restart that would come too soon after the last becomes an end.</summary>
    private LifecycleAction Guard(ManagedDomain domain, LifecycleAction action)
    {
        if (action is not (LifecycleAction.Restart or LifecycleAction.RenameRestart) || !domain.Restarts.IsTooSoon(clock.GetUtcNow()))
            return action;
        log.Error(
            $"domain {domain} has stopped again within {RestartHistory.MinimumInterval.TotalSeconds:0} s of being restarted and would do so for ever; it is destroyed instead");
        return LifecycleAction.Destroy;
    }

    private void Note(ManagedDomain domain, ShutdownReason reason, string? detail, LifecycleAction action, bool stays)
    {
        domain.NoteCpuTime(scheduler.CpuTime(domain.Id));
        string more = detail is null ? "" : $": {detail}";
        if (IsCrash(reason))
            log.Warning($"Domain has crashed: name={domain.Name} id={domain.Id}.{more}");
        else
            log.Info($"Domain has shutdown: name={domain.Name} id={domain.Id} reason={Word(reason)}.{more}");
        ring.Say($"Domain {domain.Id} ({domain.Name}) has {(IsCrash(reason) ? "crashed" : "shut down")}, reason {Word(reason)}{more}; action: {action.Word()}.");
        store.SetVm(domain.Uuid, "xend/last_shutdown_reason", Word(reason));
        if (stays)
            store.Set(domain.Id, "xend/shutdown_completed", "True");
    }

    private async Task ActAsync(ManagedDomain domain, LifecycleAction action)
    {
        switch (action)
        {
            case LifecycleAction.Destroy:
                await DestroyAsync(domain);
                break;
            case LifecycleAction.Preserve:
                break;
            case LifecycleAction.Restart:
                store.SetVm(domain.Uuid, "xend/restart_in_progress", "True");
                await teardown.RunAsync(domain);
                await RestartAsync(domain.Successor!.Configuration, domain.Restarts, domain);
                break;
            case LifecycleAction.RenameRestart:
                await MakeWayAsync(domain, domain.Successor!);
                await RestartAsync(domain.Successor!.Configuration, domain.Restarts, domain);
                break;
        }
    }

    /// <summary>Gives the remains of a domain another name and identity; its devices are its successor's. May have been begun by an earlier Host.</summary>
    private async Task MakeWayAsync(ManagedDomain domain, Successor successor)
    {
        await devices.ReleaseAllAsync(domain);
        if (domain.Uuid == successor.Configuration.Uuid)
        {
            Guid uuid = Guid.NewGuid();
            table.Rename(domain, $"Domain-{uuid}", uuid);
            store.Rename(domain, successor.Configuration.Uuid);
        }

        store.Set(domain.Id, "xend/shutdown_completed", "True");
        records.Note(domain);
    }

    /// <summary>The configuration with the devices that the domain has now, which may have come and gone since it was made.</summary>
    private static VmConfiguration Present(ManagedDomain domain) =>
        domain.Configuration with { Devices = [.. domain.Devices.Select(static device => device.Configuration.Form)] };

    /// <param name="configuration">What is to be started.</param>
    /// <param name="restarts">What was before.</param>
    /// <param name="before">The incarnation before, which stays if it was renamed, and else is gone but for its record.</param>
    private async Task RestartAsync(VmConfiguration configuration, RestartHistory restarts, ManagedDomain before)
    {
        try
        {
            ManagedDomain domain = await creator.CreateAsync(configuration, restarts.After(clock.GetUtcNow()), before, Listen, CancellationToken.None);
            scheduler.Unpause(domain.Id);
            domain.IsPaused = false;
            log.Info($"domain {domain} has been restarted");
        }
        catch (XendException failure)
        {
            log.Error($"domain {configuration.Name} cannot be started again: {failure.Message}", failure);
        }
        finally
        {
            Settle(before);
        }
    }

    /// <summary>The successor has been started, or never will be.</summary>
    private void Settle(ManagedDomain before)
    {
        if (before.Phase == DomainPhase.Dying)
        {
            teardown.Forget(before);
            table.Remove(before);
            return;
        }

        before.Successor = null;
        records.Note(before);
    }
}
