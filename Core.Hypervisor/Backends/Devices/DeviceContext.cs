using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Events;
using Hospes.Hypervisor.Grants;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>What a back-end may use of the guest that it serves. Any thread.</summary>
public sealed class DeviceContext
{
    private readonly Domain _domain;
    private readonly BackendDevice _device;

    internal DeviceContext(Domain domain, BackendDevice device)
    {
        _domain = domain;
        _device = device;
    }

    /// <summary>The device.</summary>
    public DeviceAddress Address => _device.Address;

    /// <summary>The guest's domain.</summary>
    public DomainId Domain => _domain.Id;

    /// <summary>The guest's grants, for pages mapped request by request. What is mapped must be unmapped before Disconnect returns.</summary>
    public GrantTable Grants => _domain.Grants;

    /// <summary>Maps a page that front-end and back-end share for as long as they are connected.</summary>
    /// <exception cref="DeviceProtocolException">The grant does not allow that.</exception>
    public MappedGrant Map(GrantReference reference, bool write)
    {
        GrantStatus status = _domain.Grants.Map(reference, write, out GrantPage page);
        return status == GrantStatus.Okay
            ? new MappedGrant(_domain.Grants, reference, write, page)
            : throw new DeviceProtocolException($"grant {reference} cannot be mapped: {status}");
    }

    /// <summary>Connects to a port that the front-end has allocated.</summary>
    /// <param name="port">The guest's port.</param>
    /// <param name="onNotify">Called on a vCPU's thread: must return at once and not throw, so usually <see cref="BackendWorker.Signal"/>.</param>
    /// <exception cref="DeviceProtocolException">It is no unbound port for domain 0.</exception>
    public BackendChannel Bind(EventPort port, Action onNotify) =>
        _domain.EventChannels.BindBackend(port, onNotify)
        ?? throw new DeviceProtocolException($"event channel {port} is not one that the front-end has allocated for this back-end");

    /// <summary>Guest memory was written, by whatever way: the engine drops what it has made of code there. Call before the guest is told.</summary>
    public void ContentWritten(GuestPhysical start, ulong length) => _domain.Machine.ContentWritten(start, length);

    /// <summary>Whether one of the guest's CPUs has nothing to do at this moment.</summary>
    public bool IsGuestIdle
    {
        get
        {
            foreach (Vcpu vcpu in _domain.Vcpus)
            {
                if (vcpu.State == VcpuRunstate.Blocked)
                    return true;
            }

            return false;
        }
    }

    /// <summary>A line for the hypervisor's log, rate-limited.</summary>
    public void Say(string text) => _domain.Log.Say($"{Address}: {text}");

    /// <summary>Publishes nodes beside a change of state, such as a disk's new size; front-ends look at them when the state is written again.</summary>
    public void Publish(IReadOnlyDictionary<string, string> nodes) => _device.Publish(nodes);

    /// <summary>The device cannot go on: it is disconnected and closes. For a back-end's own threads; the first call counts.</summary>
    public void Fail(string reason) => _device.Fail(reason);
}
