using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Sxp;

namespace Hospes.Host.Managed;

/// <summary>What people can ask of managed domains. Wordings of refusals: fact sheet "xm", section 2.</summary>
internal sealed class ManagedOperations(
    KeptDomains kept, DomainTable table, DomainOperations operations, DomainLifecycle lifecycle, DeviceManager devices, ILogger<ManagedOperations> log)
{
    /// <summary>Makes a domain known, or one of the same name or identity something else from its next start on.</summary>
    public KeptDomain New(string text)
    {
        SxpList form = VmConfigurationReader.Parse(text);
        VmConfiguration configuration = VmConfigurationReader.Read(form, needsFiles: false);
        if (form.ValueText("uuid") is null or "" && kept.Find(configuration.Name) is { } same)
            configuration = configuration with { Uuid = same.Uuid };
        if (kept.Find(configuration.Uuid) is { } other && other.Name != configuration.Name)
            throw XendException.Generic($"Domain UUID '{configuration.Uuid}' is already used.");

        // As a device is read, what was left to chance is decided, once and for all starts.
        configuration = configuration with { Devices = [.. devices.Read(configuration.Devices).Select(static device => device.Form)] };
        kept.Keep(configuration);
        log.Info($"domain {configuration.Name} ({configuration.Uuid}) is managed now");
        return new KeptDomain(configuration);
    }

    /// <summary>Forgets a domain that does not run.</summary>
    public void Delete(string reference)
    {
        if (kept.Find(reference) is not { } domain)
        {
            table.Find(reference); // there is none at all: that is what is wrong
            throw XendException.Generic($"Domain '{reference}' is not managed by Xend lifecycle support.");
        }

        if (Running(domain) is not null)
            throw XendException.Generic("Domain is not halted.");
        kept.Forget(domain);
        log.Info($"domain {domain.Name} ({domain.Uuid}) is managed no more");
    }

    /// <summary>Starts a managed domain; it is paused.</summary>
    public async Task<ManagedDomain> StartAsync(string reference, CancellationToken cancellation)
    {
        if (kept.Find(reference) is not { } domain)
        {
            table.Find(reference);
            throw XendException.Generic("Domain is already running");
        }

        if (Running(domain) is not null)
            throw XendException.Generic("Domain is already running");
        ManagedDomain started = await lifecycle.CreateAsync(VmConfigurationReader.Read(VmForm.Make(domain.Configuration)), cancellation);
        log.Info($"managed domain {started} started");
        return started;
    }

    /// <summary>Does something to a domain that runs, and stores what has become of its configuration if it is managed.</summary>
    public async Task ChangeAsync(string reference, Func<Task> work)
    {
        Guid? uuid = table.TryFind(reference)?.Uuid;
        await work();
        if (uuid is not { } identity || kept.Find(identity) is not { } before || table.Listed.FirstOrDefault(domain => domain.Uuid == identity && domain.IsLive) is not { } domain)
            return;
        VmConfiguration present = Present(domain);
        if (!VmForm.Make(present).Equals(VmForm.Make(before.Configuration)))
            kept.Keep(present);
    }

    /// <summary>Changes a managed domain that does not run, or, by another way, one that does.</summary>
    public Task ChangeEitherAsync(string reference, Func<VmConfiguration, VmConfiguration> change, Func<Task> running)
    {
        if (table.TryFind(reference) is not null || kept.Find(reference) is not { } halted)
            return ChangeAsync(reference, running);
        VmConfiguration changed = change(halted.Configuration);

        // What was read once reads again: a value out of range is refused as at its creation.
        kept.Keep(VmConfigurationReader.Read(VmForm.Make(changed), needsFiles: false));
        return Task.CompletedTask;
    }

    /// <summary>Starts those that want to be started with xend. One that cannot be is logged; the others start all the same.</summary>
    public async Task StartAllAsync(CancellationToken cancellation)
    {
        foreach (KeptDomain domain in kept.All.Where(domain => domain.Configuration.OnXendStart == "start" && Running(domain) is null))
        {
            try
            {
                ManagedDomain started = await StartAsync(domain.Uuid.ToString(), cancellation);
                await operations.UnpauseAsync(started.Uuid.ToString(), cancellation);
            }
            catch (XendException failure)
            {
                log.Error($"managed domain {domain.Name}, which is to start with xend, cannot be started: {failure.Message}", failure);
            }
        }
    }

    /// <summary>The domain that runs of a managed domain, or null.</summary>
    public ManagedDomain? Running(KeptDomain domain) => table.All.FirstOrDefault(running => running.Uuid == domain.Uuid);

    private static VmConfiguration Present(ManagedDomain domain) => domain.Configuration with
    {
        MemoryMiB = (int)(domain.MemoryTargetKiB / 1024),
        MaximumMemoryMiB = (int)(domain.MemoryMaximumKiB / 1024),
        Devices = [.. domain.Devices.Select(static device => device.Configuration.Form)],
    };
}
