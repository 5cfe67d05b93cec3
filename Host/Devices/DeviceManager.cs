using System.Globalization;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Security;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.State;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk.Security;
using Hospes.Sxp;

namespace Hospes.Host.Devices;

/// <summary>
/// The devices of all domains: attaching, detaching, and carrying the handshake between the store and the domains' processes, where the back-ends
/// are. A process sees no store: it is told what its guest's front-ends write, and says what its back-ends publish.
/// </summary>
internal sealed class DeviceManager(
    IEnumerable<IDeviceClass> classes, DeviceStore store, DomainRecords records, XendConfiguration configured, SecurityService security, FaultPoints faults, ILogger<DeviceManager> log)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly IDeviceClass[] _classes = [.. classes];

    // How long a guest may take to let go of a device (fact sheet "xend", section 5.3).
    private readonly TimeSpan _detachPatience = configured.Seconds(XendParameters.DeviceDestroyTimeout);

    /// <summary>Names of the forms that some class reads.</summary>
    public IEnumerable<string> Forms => _classes.SelectMany(static kind => kind.Forms);

    /// <summary>Reads forms <c>(vbd ...)</c> and checks that they can stand side by side.</summary>
    /// <exception cref="XendException">One cannot become a device.</exception>
    public IReadOnlyList<DeviceConfiguration> Read(IReadOnlyList<SxpList> forms)
    {
        List<DeviceConfiguration> all = [];
        foreach (SxpList form in forms)
        {
            DeviceConfiguration configuration = Class(form.Name).Read(form);
            Compare(configuration, all);
            all.Add(configuration);
        }

        return all;
    }

    /// <summary>Gives numbers to those of a new domain's devices that have none.</summary>
    public static IReadOnlyList<DeviceConfiguration> Number(IReadOnlyList<DeviceConfiguration> wanted)
    {
        List<DeviceConfiguration> all = [];
        foreach (DeviceConfiguration one in wanted)
            all.Add(one.Id is null ? one.WithId(NextId([.. wanted.Where(static other => other.Id is not null), .. all], one.Class)) : one);
        return all;
    }

    /// <summary>Gives a domain a device. Its gate is held, or nobody knows it yet. When this throws, all is as it was.</summary>
    /// <exception cref="XendException">It cannot have it.</exception>
    public async Task<Device> AttachAsync(ManagedDomain domain, DeviceConfiguration wanted, CancellationToken cancellation)
    {
        IDeviceClass kind = Class(wanted.BackendClass);
        DeviceConfiguration configuration = wanted.Id is null ? wanted.WithId(NextId(domain.Devices.Select(static device => device.Configuration), wanted.Class)) : wanted;
        DeviceAddress address = new(configuration.Class, configuration.Id!.Value);
        if (domain.Devices.Any(other => other.Address == address))
            throw XendException.Generic($"Device {configuration.Name} ({address.Id}, {configuration.BackendClass}) is already connected.");
        Compare(configuration, domain.Devices.Select(static other => other.Configuration));
        Device device = new(domain.Id, configuration, address, kind);
        DevicePlan plan;
        try
        {
            // Should this Host end on the way, the next one knows what to look for.
            domain.Planned = [.. domain.Planned.Where(planned => planned.Class != configuration.Class || planned.Id != configuration.Id), configuration];
            if (domain.Phase != DomainPhase.Creating)
                records.Write(domain);
            faults.Reach(FaultPoints.Attach);
            RequireUse(domain, configuration);
            plan = await kind.PrepareAsync(domain, configuration, cancellation);
        }
        catch (Exception failure) when (failure is XendException or IOException or UnauthorizedAccessException)
        {
            Unplan(domain, configuration);
            throw Failed(configuration, address, failure);
        }
        catch
        {
            Unplan(domain, configuration);
            throw;
        }

        device.Plan = plan;
        domain.AddDevice(device);
        domain.Planned = [.. domain.Planned.Where(planned => planned != configuration)];
        try
        {
            faults.Reach(FaultPoints.Attach);
            store.Write(device, plan, domain.Name);
            faults.Reach(FaultPoints.Attach);
            store.Publish(device, await plan.Connect(cancellation));
            faults.Reach(FaultPoints.Attach);
            int[] descriptors = [.. plan.Descriptors.Select(static handle => (int)handle.DangerousGetHandle())];
            await domain.Process!.RequestAsync(
                id => new ControlMessage.DeviceAttach(address.Class, address.Id, plan.Settings) { Id = id }, descriptors, RequestTimeout, cancellation);
            plan.CloseDescriptors();
            store.Publish(device, new Dictionary<string, string>(StringComparer.Ordinal) { ["hotplug-status"] = "connected" });
            device.Watch = store.Watch(device, () => TellFront(domain, device));
            device.IsComplete = true;
            faults.Reach(FaultPoints.Attach);
            if (domain.Phase != DomainPhase.Creating)
                records.Write(domain);
            faults.Reach(FaultPoints.Attach);
            log.Info($"domain {domain}: device {configuration.Name} ({address}) attached");
            return device;
        }
        catch (Exception failure)
        {
            await ReleaseAsync(domain, device);
            if (domain.Phase != DomainPhase.Creating)
                records.Note(domain);
            throw failure is XendException ? Failed(configuration, address, failure) : failure;
        }
    }

    /// <summary>Gives a present device another configuration: another medium in a drive.</summary>
    /// <exception cref="XendException">It cannot take it.</exception>
    public async Task ConfigureAsync(ManagedDomain domain, DeviceConfiguration configuration, CancellationToken cancellation)
    {
        Device device = domain.Devices.FirstOrDefault(device => device.Address.Class == configuration.Class && device.Address.Id == configuration.Id)
            ?? throw XendException.Generic($"Device {configuration.Name} not connected");
        device.Wanted = configuration;
        try
        {
            await ConfigureAsync(domain, device, configuration, cancellation);
        }
        finally
        {
            device.Wanted = null;
        }
    }

    /// <summary>
    /// Takes a device away: asks the guest to let go of it, or with <paramref name="force"/> does not. The domain's gate is not held: a guest may take
    /// its time.
    /// </summary>
    /// <exception cref="XendException">There is no such device, or the guest keeps it.</exception>
    public async Task DetachAsync(ManagedDomain domain, string reference, string kind, bool force, CancellationToken cancellation)
    {
        Device device = Find(domain, reference, kind);
        if (!force)
        {
            store.Publish(device, new Dictionary<string, string>(StringComparer.Ordinal) { ["online"] = "0" });
            await domain.Process!.RequestAsync(
                id => new ControlMessage.DeviceClose(device.Address.Class, device.Address.Id) { Id = id }, [], RequestTimeout, cancellation);
            try
            {
                using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, domain.Life.Token);
                await device.Closed.Task.WaitAsync(_detachPatience, end.Token);
            }
            catch (TimeoutException)
            {
                throw XendException.Generic($"Device {device.Address.Id} ({device.Configuration.BackendClass}) could not be disconnected. ");
            }
        }

        await domain.Gate.WaitAsync(cancellation);
        try
        {
            device.IsComplete = false;
            records.Note(domain);
            faults.Reach(FaultPoints.Detach);
            await ReleaseAsync(domain, device);
            faults.Reach(FaultPoints.Detach);
            records.Note(domain);
            log.Info($"domain {domain}: device {device.Configuration.Name} ({device.Address}) detached");
        }
        finally
        {
            domain.Gate.Release();
        }
    }

    /// <summary>The device that a person means: its number, its name, its name below /dev, or class/number.</summary>
    /// <exception cref="XendException">There is none.</exception>
    public static Device Find(ManagedDomain domain, string reference, string kind)
    {
        string name = reference.StartsWith($"{kind}/", StringComparison.Ordinal) ? reference[(kind.Length + 1)..]
            : reference.StartsWith("tap/", StringComparison.Ordinal) ? reference["tap/".Length..]
            : reference.StartsWith("/dev/", StringComparison.Ordinal) ? reference["/dev/".Length..] : reference;
        return domain.Devices.FirstOrDefault(device => device.Address.Class == kind
                && (device.Address.Id.ToString(CultureInfo.InvariantCulture) == name || device.Configuration.Name == name))
            ?? throw XendException.Generic($"Device {reference} not connected");
    }

    /// <summary>Listens to what a domain's back-ends publish. Before the process may say anything.</summary>
    public void Listen(ManagedDomain domain, DomainProcessClient process) => process.BackendChanged += changed => Publish(domain, changed);

    /// <summary>
    /// Knows the devices again that an earlier Host has given a domain, before its process may say anything. Those on their way in or out are to be taken
    /// away by <see cref="ReleaseIncompleteAsync"/>.
    /// </summary>
    public void Recall(ManagedDomain domain, IEnumerable<DeviceRecord> recorded)
    {
        foreach ((DeviceConfiguration configuration, bool isComplete, IReadOnlyDictionary<string, string> state) in recorded)
        {
            try
            {
                IDeviceClass kind = Class(configuration.BackendClass);
                domain.AddDevice(new Device(domain.Id, configuration, new DeviceAddress(configuration.Class, configuration.Id ?? 0), kind)
                {
                    Plan = kind.Recall(domain, configuration, state),
                    IsComplete = isComplete,
                    IsRecalled = true,
                });
            }
            catch (Exception failure) when (failure is XendException or IOException)
            {
                log.Error($"domain {domain}: device {configuration.Name} of an earlier xend is not known to this one: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Takes away what an earlier Host had begun to attach or to detach.</summary>
    public async Task ReleaseIncompleteAsync(ManagedDomain domain)
    {
        foreach (Device device in domain.Devices.Where(static device => !device.IsComplete))
        {
            log.Warning($"domain {domain}: device {device.Configuration.Name} ({device.Address}) was on its way when xend ended, and is taken away");
            await ReleaseAsync(domain, device);
        }
    }

    /// <summary>Serves the devices of a domain on that an earlier Host has attached.</summary>
    public async Task ResumeAsync(ManagedDomain domain, CancellationToken cancellation)
    {
        foreach (Device device in domain.Devices)
        {
            try
            {
                store.PublishAnew(device, await device.Plan!.Connect(cancellation));
            }
            catch (Exception failure) when (failure is XendException or IOException)
            {
                // It works on in the domain's process; what belongs to it here may be missing.
                log.Error($"domain {domain}: device {device.Configuration.Name} ({device.Address}) could not be connected again: {failure.Message}", failure);
            }

            device.Watch = store.Watch(device, () => TellFront(domain, device));
        }
    }

    /// <summary>Takes all devices of a domain away, whose process has ended or never began.</summary>
    public async Task ReleaseAllAsync(ManagedDomain domain)
    {
        foreach (Device device in domain.Devices)
            await ReleaseAsync(domain, device);
    }

    /// <summary>Front-end and back-end nodes of a device, for listings.</summary>
    public (IReadOnlyDictionary<string, string> Front, IReadOnlyDictionary<string, string> Back) Nodes(Device device) =>
        (store.Front(device) ?? new Dictionary<string, string>(StringComparer.Ordinal), store.Back(device));

    private static XendException Failed(DeviceConfiguration configuration, DeviceAddress address, Exception failure) =>
        XendException.Generic($"Device {address.Id} ({configuration.BackendClass}) could not be connected.{(failure.Message.StartsWith('\n') ? "" : " ")}{failure.Message}", failure);

    private static int NextId(IEnumerable<DeviceConfiguration> taken, string name)
    {
        for (int id = 0; ; id++)
        {
            if (!taken.Any(device => device.Class == name && device.Id == id))
                return id;
        }
    }

    private async Task ConfigureAsync(ManagedDomain domain, Device device, DeviceConfiguration configuration, CancellationToken cancellation)
    {
        DevicePlan? plan;
        try
        {
            plan = await device.Kind.ReconfigureAsync(domain, device, configuration, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw XendException.Generic(failure.Message, failure);
        }

        if (plan is null)
            throw XendException.Generic($"Refusing to reconfigure device {configuration.BackendClass}:{configuration.Id} to {configuration.Form}");
        try
        {
            int[] descriptors = [.. plan.Descriptors.Select(static handle => (int)handle.DangerousGetHandle())];
            await domain.Process!.RequestAsync(
                id => new ControlMessage.DeviceChange(device.Address.Class, device.Address.Id, plan.Settings) { Id = id },
                descriptors, RequestTimeout, cancellation);
        }
        catch
        {
            await plan.DisposeAsync();
            throw;
        }

        plan.CloseDescriptors();
        store.Publish(device, plan.Back);
        DevicePlan? before = device.Plan;
        device.Plan = plan;
        device.Configuration = configuration;
        records.Note(domain);
        if (before is not null)
            await before.DisposeAsync();
    }

    private void Unplan(ManagedDomain domain, DeviceConfiguration configuration)
    {
        domain.Planned = [.. domain.Planned.Where(planned => planned != configuration)];
        if (domain.Phase != DomainPhase.Creating)
            records.Note(domain);
    }

    private IDeviceClass Class(string form) => Array.Find(_classes, kind => kind.Forms.Contains(form, StringComparer.Ordinal))
        ?? throw XendException.Generic($"Invalid Configuration: unknown device class '{form}'");

    // A disk's files are asked about when they are open (BlockClass), all others by name and label.
    private void RequireUse(ManagedDomain domain, DeviceConfiguration configuration)
    {
        SecurityOperation? operation = configuration.Class switch
        {
            "vif" => SecurityOperation.NetworkAttach,
            "pci" => SecurityOperation.PciAttach,
            "vtpm" => SecurityOperation.TpmAttach,
            _ => null,
        };
        if (operation is { } asked)
            security.RequireUse(asked, domain, new SecurityResource($"{configuration.Class}:{configuration.Name}", Label: SecurityForm.VifLabel(configuration.Form)));
    }

    private void Compare(DeviceConfiguration configuration, IEnumerable<DeviceConfiguration> others)
    {
        foreach (DeviceConfiguration other in others.Where(other => other.Class == configuration.Class))
            Class(configuration.BackendClass).Compare(configuration, other);
    }

    private void TellFront(ManagedDomain domain, Device device)
    {
        if (domain.Process is not { } process || !domain.Devices.Contains(device))
            return;
        IReadOnlyDictionary<string, string>? nodes = store.Front(device);
        if (nodes is null)
            log.Warning($"domain {domain}: the front-end's directory {device.FrontPath} holds more than any front-end's does, and is not looked at");
        else
            process.Tell(new ControlMessage.FrontendChanged(device.Address.Class, device.Address.Id, nodes));
    }

    private void Publish(ManagedDomain domain, ControlMessage.BackendChanged changed)
    {
        Device? device = domain.Devices.FirstOrDefault(device => device.Address.Class == changed.Class && device.Address.Id == changed.Device);
        if (device is null)
            return;
        Dictionary<string, string> nodes = new(changed.Nodes, StringComparer.Ordinal)
        {
            ["state"] = changed.State.ToString(CultureInfo.InvariantCulture),
        };
        if (device.IsRecalled)
        {
            device.IsRecalled = false;
            store.PublishAnew(device, nodes);
        }
        else
        {
            store.Publish(device, nodes);
        }

        if (changed.Error is { } error)
        {
            log.Warning($"domain {domain}: device {device.Address} closes: {error}");
            store.PublishError(device, error);
        }

        if (changed.State == (int)XenbusState.Closed)
            device.Closed.TrySetResult();
    }

    /// <summary>Takes everything of a device away; steps that fail are logged and the others still happen.</summary>
    private async Task ReleaseAsync(ManagedDomain domain, Device device)
    {
        if (!domain.RemoveDevice(device))
            return;
        device.Watch?.Dispose();
        await StepAsync(device, "take it from the domain's process", async () =>
        {
            if (domain.Process is { Exited.IsCompleted: false } process)
            {
                await process.RequestAsync(
                    id => new ControlMessage.DeviceDetach(device.Address.Class, device.Address.Id) { Id = id }, [], RequestTimeout, CancellationToken.None);
            }
        });
        await StepAsync(device, "close what it had open", async () => await (device.Plan?.DisposeAsync() ?? ValueTask.CompletedTask));
        await StepAsync(device, "remove its store nodes", () =>
        {
            store.Remove(device);
            return Task.CompletedTask;
        });
        device.Closed.TrySetResult();
    }

    private async Task StepAsync(Device device, string what, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.Error($"cannot {what}: device {device.Address} of domain {device.Domain}", failure);
        }
    }
}
