using System.Globalization;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tree;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk;

namespace Hospes.Host.Devices;

/// <summary>
/// Devices' nodes (fact sheet "xend", section 5.3): the front-end's directory belongs to the guest, the back-end's to dom0 and the guest reads it.
/// Both appear in one transaction.
/// </summary>
internal sealed class DeviceStore(XenstoreServer server)
{
    // A front-end has about ten nodes and three for each queue; more is no front-end.
    private const int MostFrontNodes = 512;
    private const int MostFrontBytes = 64 * 1024;

    private readonly XenstoreClient _store = server.Connect();

    /// <summary>Makes both directories.</summary>
    public void Write(Device device, DevicePlan plan, string domainName) => _store.Atomically(store =>
    {
        NodePermissions front = NodePermissions.OwnedBy(device.Domain);
        NodePermissions back = NodePermissions.Of(
            new PermissionEntry(AccessRights.None, DomainId.Zero), new PermissionEntry(AccessRights.Read, device.Domain));
        store.Remove(device.FrontPath);
        store.Remove(device.BackPath);
        store.MakeDirectory(device.FrontPath);
        store.SetPermissions(device.FrontPath, front);
        store.MakeDirectory(device.BackPath);
        store.SetPermissions(device.BackPath, back);
        Put(store, device.FrontPath, plan.Front, front);
        Put(store, device.FrontPath, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["backend"] = device.BackPath,
            ["backend-id"] = "0",
            ["state"] = Text((int)XenbusState.Initialising),
        }, front);
        Put(store, device.BackPath, plan.Back, back);
        Put(store, device.BackPath, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["domain"] = domainName,
            ["frontend"] = device.FrontPath,
            ["frontend-id"] = device.Domain.ToString(),
            ["online"] = "1",
            ["state"] = Text((int)XenbusState.Initialising),
        }, back);
    });

    /// <summary>Writes nodes to the back-end's directory, if it is still there.</summary>
    public void Publish(Device device, IReadOnlyDictionary<string, string> nodes) => _store.Atomically(store =>
    {
        if (store.Exists(device.BackPath))
        {
            foreach ((string name, string value) in nodes)
                store.Write($"{device.BackPath}/{name}", value);
        }
    });

    /// <summary>The same for what may stand there already: a front-end is not woken for nothing.</summary>
    public void PublishAnew(Device device, IReadOnlyDictionary<string, string> nodes)
    {
        IReadOnlyDictionary<string, string> present = Back(device);
        Dictionary<string, string> changed = nodes.Where(node => present.GetValueOrDefault(node.Key) != node.Value).ToDictionary(StringComparer.Ordinal);
        if (changed.Count != 0)
            Publish(device, changed);
    }

    /// <summary>Writes why a back-end closes where tools look for it.</summary>
    public void PublishError(Device device, string error) =>
        _store.Write($"/local/domain/0/error/{device.BackPath["/local/domain/0/".Length..]}/error", error);

    /// <summary>Removes both directories, and what stands above them if that is empty now.</summary>
    public void Remove(Device device) => _store.Atomically(store =>
    {
        store.Remove(device.FrontPath);
        store.Remove(device.BackPath);
        store.Remove($"/local/domain/0/error/{device.BackPath["/local/domain/0/".Length..]}");
        string parent = device.BackPath[..device.BackPath.LastIndexOf('/')];
        if (store.List(parent).Count == 0)
            store.Remove(parent);
        string error = $"/local/domain/0/error/{parent["/local/domain/0/".Length..]}";
        if (store.Exists(error) && store.List(error).Count == 0)
            store.Remove(error);
    });

    /// <summary>Calls back whenever something in the front-end's directory changes, and at once.</summary>
    public IDisposable Watch(Device device, Action changed) => _store.Watch(device.FrontPath, _ => changed());

    /// <summary>The front-end's directory at one moment; null when it holds more than any front-end's does.</summary>
    public IReadOnlyDictionary<string, string>? Front(Device device) => _store.Atomically(store =>
    {
        Dictionary<string, string> nodes = new(StringComparer.Ordinal);
        int bytes = 0;
        return Collect(store, device.FrontPath, "", nodes, ref bytes, depth: 2) ? nodes : null;
    });

    /// <summary>The nodes of the back-end's directory.</summary>
    public IReadOnlyDictionary<string, string> Back(Device device) => _store.Atomically(store =>
        store.List(device.BackPath).ToDictionary(static name => name, name => store.Read($"{device.BackPath}/{name}") ?? "", StringComparer.Ordinal));

    private static bool Collect(
        XenstoreTransaction store, string path, string prefix, Dictionary<string, string> nodes, ref int bytes, int depth)
    {
        foreach (string name in store.List(path))
        {
            string value = store.Read($"{path}/{name}") ?? "";
            nodes[prefix + name] = value;
            bytes += prefix.Length + name.Length + value.Length;
            if (nodes.Count > MostFrontNodes || bytes > MostFrontBytes)
                return false;
            if (depth > 1 && !Collect(store, $"{path}/{name}", $"{prefix}{name}/", nodes, ref bytes, depth - 1))
                return false;
        }

        return true;
    }

    private static void Put(XenstoreTransaction store, string path, IReadOnlyDictionary<string, string> nodes, NodePermissions permissions)
    {
        foreach ((string name, string value) in nodes)
        {
            store.Write($"{path}/{name}", value);
            store.SetPermissions($"{path}/{name}", permissions);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
