using System.Collections.ObjectModel;
using System.Globalization;
using Hospes.Host.Api;
using Hospes.Host.Devices;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;

namespace Hospes.Host.Domains;

/// <summary>
/// What people can ask of domains. Each waits only for its own domain's gate. Wordings of refusals: fact sheet "xm", sections 2 and 5.
/// </summary>
internal sealed class DomainOperations(
    DomainTable table,
    DomainStore store,
    MemoryLedger ledger,
    SchedulerService scheduler,
    DomainLifecycle lifecycle,
    DeviceManager devices,
    DomainRecords records,
    ILogger<DomainOperations> log)
{
    private const string NoDomain0Devices =
        "Domain-0 is this machine itself: it has no front-ends. 'hospes image convert' makes an image's content a file or block device of the machine";

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    public Task<ManagedDomain> CreateAsync(string form, CancellationToken cancellation) =>
        lifecycle.CreateAsync(VmConfigurationReader.Read(form), cancellation);

    public Task UnpauseAsync(string reference, CancellationToken cancellation) =>
        OnLiveAsync(reference, $"Cannot unpause privileged domain {reference}", domain =>
        {
            scheduler.Unpause(domain.Id);
            domain.IsPaused = false;
            log.Info($"domain {domain} unpaused");
            return Task.CompletedTask;
        }, cancellation);

    public Task PauseAsync(string reference, CancellationToken cancellation) =>
        OnLiveAsync(reference, $"Cannot pause privileged domain {reference}", async domain =>
        {
            await scheduler.PauseAsync(domain.Id);
            domain.IsPaused = true;
            log.Info($"domain {domain} paused");
        }, cancellation);

    public Task DestroyAsync(string reference, CancellationToken cancellation) =>
        WithAsync(reference, $"Cannot destroy privileged domain {reference}", lifecycle.DestroyAsync, cancellation);

    public Task ShutdownAsync(string reference, string reason, CancellationToken cancellation)
    {
        ShutdownWord.Check(reason);
        return WithAsync(reference, "Domain 0 cannot be shutdown", domain =>
        {
            if (!domain.IsLive)
                throw XendException.Generic("Domain cannot be shutdown");
            store.Set(domain.Id, "control/shutdown", reason);
            store.Set(domain.Id, "xend/shutdown_start_time", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            lifecycle.ExpectShutdown(domain);
            log.Info($"domain {domain} told to shut down, reason {reason}");
            return Task.CompletedTask;
        }, cancellation);
    }

    public Task RenameAsync(string reference, string name, CancellationToken cancellation)
    {
        VmConfigurationReader.CheckName(name);
        return WithAsync(reference, $"Cannot rename privileged domain {reference}", domain =>
        {
            string before = domain.Name;
            table.Rename(domain, name, domain.Uuid);
            store.Rename(domain, domain.Uuid);
            records.Note(domain);
            log.Info($"domain {domain.Id} renamed from {before} to {name}");
            return Task.CompletedTask;
        }, cancellation);
    }

    public Task SysrqAsync(string reference, string key, CancellationToken cancellation)
    {
        if (key.Length != 1 || !char.IsAscii(key[0]) || char.IsControl(key[0]))
            throw XendException.Generic($"Invalid sysrq key: '{key}' is not one letter");
        return OnLiveAsync(reference, $"Cannot send a sysrq to privileged domain {reference}", domain =>
        {
            store.Set(domain.Id, "control/sysrq", key);
            return Task.CompletedTask;
        }, cancellation);
    }

    public Task TriggerAsync(string reference, string name, int vcpu, CancellationToken cancellation)
    {
        if (!string.Equals(name, "nmi", StringComparison.Ordinal))
            throw XendException.Generic(name is "reset" or "init" ? $"Trigger '{name}' is not available in this version; nmi is" : $"Invalid trigger: {name}");
        return OnLiveAsync(reference, $"Cannot send a trigger to privileged domain {reference}", domain =>
        {
            if (vcpu < 0 || vcpu >= domain.Configuration.Vcpus)
                throw XendException.Generic($"Invalid VCPU: domain '{domain.Name}' has vcpus 0 to {domain.Configuration.Vcpus - 1}, not {vcpu}");
            return domain.Process!.RequestAsync(id => new ControlMessage.Trigger(name, vcpu) { Id = id }, [], RequestTimeout, cancellation);
        }, cancellation);
    }

    /// <summary>
    /// Has the guest use vCPUs 0 to <paramref name="count"/> - 1 and no others. It is the guest that takes them up and down; a reboot keeps the number.
    /// </summary>
    public Task SetVcpuCountAsync(string reference, int count, CancellationToken cancellation) =>
        OnLiveAsync(reference, "The VCPUs of Domain-0 are the host's own CPUs and are not taken up or down here", domain =>
        {
            if (count <= 0)
                throw XendException.Generic("Invalid VCPUs");
            if (count > domain.Configuration.Vcpus)
            {
                throw XendException.Generic(
                    $"Domain '{domain.Name}' was created with room for {domain.Configuration.Vcpus} VCPUs; {count} need 'maxvcpus' in its configuration.");
            }

            domain.Configuration = domain.Configuration with { VcpusAvailable = (1UL << count) - 1 };
            store.WriteVcpus(domain);
            records.Note(domain);
            log.Info($"domain {domain} told to use {count} of {domain.Configuration.Vcpus} vcpus");
            return Task.CompletedTask;
        }, cancellation);

    public Task SetMemoryTargetAsync(string reference, long mib, CancellationToken cancellation) =>
        OnLiveAsync(reference, "The memory of Domain-0 is the host's own and is not given out or taken by a target", domain =>
        {
            if (mib <= 0)
                throw XendException.Generic("Invalid memory size");
            if (mib > domain.MemoryMaximumKiB / 1024)
                throw XendException.Generic("Invalid Configuration: memory_dynamic_max must be less than or equal to memory_static_max");
            MemoryLedger.Require(mib * 1024 - domain.MemoryTargetKiB, ledger.Free(table.Promised()));
            domain.MemoryTargetKiB = mib * 1024;
            store.Set(domain.Id, "memory/target", (mib * 1024).ToString(CultureInfo.InvariantCulture));
            store.SetVm(domain.Uuid, "memory", mib.ToString(CultureInfo.InvariantCulture));
            records.Note(domain);
            return Task.CompletedTask;
        }, cancellation);

    public Task SetMemoryMaximumAsync(string reference, long mib, CancellationToken cancellation) =>
        OnLiveAsync(reference, "The memory of Domain-0 is the host's own and has no limit to set", async domain =>
        {
            if (mib <= 0)
                throw XendException.Generic("Invalid memory size");
            if (mib > domain.Configuration.MaximumMemoryMiB)
            {
                throw XendException.Generic(
                    $"Domain '{domain.Name}' was created with room for {domain.Configuration.MaximumMemoryMiB} MiB; a limit of {mib} MiB needs 'maxmem' in its configuration.");
            }

            await domain.Process!.RequestAsync(id => new ControlMessage.MemoryMaximum((int)mib) { Id = id }, [], RequestTimeout, cancellation);
            domain.MemoryMaximumKiB = mib * 1024;
            store.SetVm(domain.Uuid, "maxmem", mib.ToString(CultureInfo.InvariantCulture));
            records.Note(domain);
        }, cancellation);

    /// <summary>What the engine that runs a domain has counted.</summary>
    public async Task<EngineCounters> EngineCountersAsync(string reference, CancellationToken cancellation)
    {
        EngineCounters? counters = null;
        await OnLiveAsync(reference, "Domain-0 is this machine itself: no engine runs it", async domain =>
        {
            ControlMessage.Reply reply = await domain.Process!.RequestAsync(
                static id => new ControlMessage.EngineStatistics { Id = id }, [], RequestTimeout, cancellation);
            counters = new EngineCounters(domain.Id.Value, domain.Name, reply.Answer ?? ReadOnlyDictionary<string, long>.Empty);
        }, cancellation);
        return counters!;
    }

    /// <summary>Gives a domain a device, from a form <c>(vbd ...)</c>.</summary>
    public async Task<Device> AttachDeviceAsync(string reference, string form, CancellationToken cancellation)
    {
        DeviceConfiguration wanted = DeviceForm(form);
        Device? device = null;
        await OnLiveAsync(
            reference, NoDomain0Devices, async domain => device = await devices.AttachAsync(domain, wanted, cancellation), cancellation);
        return device!;
    }

    /// <summary>Gives a domain's device another configuration, from a form.</summary>
    public Task ConfigureDeviceAsync(string reference, string form, CancellationToken cancellation)
    {
        DeviceConfiguration wanted = DeviceForm(form);
        return OnLiveAsync(reference, NoDomain0Devices, domain => devices.ConfigureAsync(domain, wanted, cancellation), cancellation);
    }

    /// <summary>Takes a device from a domain.</summary>
    public async Task DetachDeviceAsync(string reference, string kind, string device, bool force, CancellationToken cancellation)
    {
        ManagedDomain domain = FindOther(reference, NoDomain0Devices);
        await WaitTakenAsync(domain, cancellation);
        await (domain.IsLive
            ? devices.DetachAsync(domain, device, kind, force, cancellation)
            : throw XendException.Generic($"Domain '{domain.Name}' is not started"));
    }

    /// <summary>Nothing is left to wait for: a domain answers only once all its devices are there.</summary>
    public Task WaitForDevicesAsync(string reference, CancellationToken cancellation) =>
        WithAsync(reference, $"Domain {reference} has no devices to wait for", static _ => Task.CompletedTask, cancellation);

    /// <summary>Destroys every domain.</summary>
    public async Task DestroyAllAsync(CancellationToken cancellation)
    {
        while (table.Listed.FirstOrDefault() is { } domain)
        {
            await domain.Gate.WaitAsync(cancellation);
            try
            {
                if (table.Contains(domain))
                    await lifecycle.DestroyAsync(domain);
            }
            finally
            {
                domain.Gate.Release();
            }
        }
    }

    private DeviceConfiguration DeviceForm(string text)
    {
        try
        {
            return devices.Read([Sxp.SxpParser.ParseForm(text)])[0];
        }
        catch (Sxp.SxpSyntaxException wrong)
        {
            throw XendException.Generic($"Invalid device: {wrong.Message}", wrong);
        }
    }

    /// <summary>Works on a domain that has started, with its gate held.</summary>
    internal async Task OnLiveAsync(string reference, string notForDomain0, Func<ManagedDomain, Task> work, CancellationToken cancellation)
    {
        await WaitTakenAsync(FindOther(reference, notForDomain0), cancellation);
        await WithAsync(
            reference,
            notForDomain0,
            domain => domain.IsLive ? work(domain) : throw XendException.Generic($"Domain '{domain.Name}' is not started"),
            cancellation);
    }

    /// <summary>Waits until a domain that an earlier xend has left is under this one.</summary>
    private static async Task WaitTakenAsync(ManagedDomain domain, CancellationToken cancellation)
    {
        try
        {
            await domain.Taken.WaitAsync(RequestTimeout, cancellation);
        }
        catch (TimeoutException late)
        {
            throw XendException.Generic(
                $"The process {domain.Process?.ProcessId} of domain '{domain.Name}' has not answered since xend was started again: it hangs, or is stopped. 'xm destroy {domain.Name}' ends it.", late);
        }
    }

    /// <summary>Works on a domain with its gate held. One that was replaced by a restart meanwhile is looked up again.</summary>
    private async Task WithAsync(string reference, string notForDomain0, Func<ManagedDomain, Task> work, CancellationToken cancellation)
    {
        while (true)
        {
            ManagedDomain domain = FindOther(reference, notForDomain0);
            await domain.Gate.WaitAsync(cancellation);
            try
            {
                if (table.Contains(domain))
                {
                    await work(domain);
                    return;
                }
            }
            finally
            {
                domain.Gate.Release();
            }
        }
    }

    private ManagedDomain FindOther(string reference, string notForDomain0)
    {
        try
        {
            return table.Find(reference);
        }
        catch (XendException) when (DomainTable.IsDomain0(reference))
        {
            throw XendException.Generic(notForDomain0);
        }
    }
}
