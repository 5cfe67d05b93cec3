using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Networks;
using Hospes.Linux.Networking;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>
/// Keeps guests' traffic apart as their labels say, whatever script connects them: by the kernel's filters at each interface, which hold on while this
/// process is away. Without a policy there are none.
/// </summary>
internal sealed class NetworkLabels
{
    private readonly SecurityService _security;
    private readonly NetworkIdentity _identity;
    private readonly ILogger<NetworkLabels> _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SecuritySubject Subject, SecurityLabel? Label)> _interfaces = new(StringComparer.Ordinal);
    private IReadOnlyList<GuardedInterface> _applied = [];

    public NetworkLabels(SecurityService security, SecurityAdministration administration, NetworkIdentity identity, ILogger<NetworkLabels> log)
    {
        _security = security;
        _identity = identity;
        _log = log;
        administration.Changed += Reapply;
    }

    private string Table => $"hospes-{_identity.Owner}-acm";

    /// <summary>Knows an interface again that an earlier daemon has guarded; its guard is there.</summary>
    public void Recall(string name, ManagedDomain domain, SecurityLabel? label)
    {
        lock (_lock)
            _interfaces[name] = (SecurityService.Subject(domain), label);
    }

    /// <summary>Guards an interface, before anything is connected to it.</summary>
    /// <exception cref="IOException">The kernel cannot do it: then nothing may be connected.</exception>
    public void Guard(string name, ManagedDomain domain, SecurityLabel? label)
    {
        lock (_lock)
        {
            _interfaces[name] = (SecurityService.Subject(domain), label);
            try
            {
                Apply(name);
            }
            catch
            {
                _interfaces.Remove(name);
                throw;
            }
        }
    }

    /// <summary>An interface has gone or is going.</summary>
    public void Release(string name)
    {
        lock (_lock)
        {
            if (!_interfaces.Remove(name) || !_applied.Any(one => one.Name == name))
                return;
            try
            {
                using KernelNetwork network = new();
                if (_interfaces.Count == 0)
                    TrafficGuard.RemoveAll(new PacketFilter(network), Table);
                else
                    TrafficGuard.Remove(new PacketFilter(network), Table, name);
                _applied = [.. _applied.Where(one => one.Name != name)];
            }
            catch (IOException failure)
            {
                _log.Warning($"the guard of {name} stays: {failure.Message}");
            }
        }
    }

    // After a change of policy: the old guards hold until the new ones do, in one step.
    private void Reapply()
    {
        lock (_lock)
        {
            try
            {
                if (_security.Status is { IsEnforcing: true })
                {
                    Apply(null);
                    return;
                }

                if (_applied.Count == 0)
                    return;
                using KernelNetwork network = new();
                TrafficGuard.RemoveAll(new PacketFilter(network), Table);
                _applied = [];
            }
            catch (IOException failure)
            {
                _log.Error($"guests' traffic is kept apart as it was before: {failure.Message}", failure);
            }
        }
    }

    private void Apply(string? changed)
    {
        if (_interfaces.Count == 0)
            return;
        (string Name, TrafficClass? Class)[] all = [.. _interfaces.Select(pair => (pair.Key, _security.Module?.Traffic(pair.Value.Subject, pair.Value.Label)))];
        if (Array.Exists(all, static one => one.Class is null))
            return; // nothing is enforced
        int[] numbers = [.. all.Select(static one => one.Class!.Number).Distinct()];
        GuardedInterface[] guarded = [.. all.Select(one => new GuardedInterface(one.Name, one.Class!.Number, [.. numbers.Where(one.Class.Permits)], one.Class.ReachesHost))];

        // The others' too where they are to hear of a class that was not there.
        GuardedInterface[] stale = [.. guarded.Where(one => one.Name == changed || !_applied.Any(before => IsSame(before, one)))];
        using KernelNetwork network = new();
        HashSet<string> present = [.. network.Links.All().Select(static link => link.Name)];
        TrafficGuard.Apply(new PacketFilter(network), Table, [.. stale.Where(one => present.Contains(one.Name))], guarded);
        _applied = guarded;
    }

    private static bool IsSame(GuardedInterface one, GuardedInterface other) => one.Name == other.Name && one.Class == other.Class
        && one.HearsUnclassified == other.HearsUnclassified && one.Permitted.Count == other.Permitted.Count && !one.Permitted.Except(other.Permitted).Any();
}
