using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Bridge;

/// <summary>
/// One Ethernet for all guests: a bridge, <c>xenbr0</c> unless <c>bridge=</c> says otherwise. A physical interface becomes a port of it only when
/// <c>netdev=</c> names one; its addresses and routes move to the bridge then, and back at the stop (fact sheet "xend", section 6).
/// </summary>
[NetworkScript("network-bridge")]
public sealed class NetworkBridge : INetworkScript
{
    internal const string DefaultBridge = "xenbr0";

    /// <inheritdoc/>
    public void Start(NetworkRequest request)
    {
        ScriptArguments arguments = new(request.Arguments);
        string bridge = arguments.Bridge ?? DefaultBridge;
        if (bridge == "null")
            return;
        if (!LinkTable.IsName(bridge))
            throw new FormatException($"bridge={bridge} cannot name an interface: 1 to {LinkTable.LongestName} letters, digits, dots, hyphens");
        using NetworkSession session = new(request);
        LinkTable links = session.Kernel.Links;
        Link? there = links.Find(bridge);
        if (there is { Kind: not "bridge" })
            throw new IOException($"cannot make the bridge {bridge}: an interface of that name is there and is no bridge ({there.Kind ?? "a device"})");
        if (arguments.Netdev is { } netdev)
            RefuseUnusable(links, netdev);
        if (there is null)
            links.AddBridge(bridge);
        try
        {
            if (there is null)
                links.SetAlias(bridge, OwnerMark.Alias(request)); // the kernel takes it only for an interface that is there
            links.SetUp(bridge);
            if (arguments.Netdev is { } device)
                new MovedInterface(session.Kernel, request, bridge).Move(device);
        }
        catch
        {
            if (there is null)
                links.Delete(bridge);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Stop(NetworkRequest request)
    {
        string bridge = new ScriptArguments(request.Arguments).Bridge ?? DefaultBridge;
        if (bridge == "null")
            return;
        using NetworkSession session = new(request);
        new MovedInterface(session.Kernel, request, bridge).Restore();
        if (session.Kernel.Links.Find(bridge) is { Kind: "bridge" } link && link.Alias == OwnerMark.Alias(request))
            session.Kernel.Links.Delete(bridge);
        SpoofGuard.RemoveAll(session.Filter, request);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Status(NetworkRequest request)
    {
        string bridge = new ScriptArguments(request.Arguments).Bridge ?? DefaultBridge;
        using NetworkSession session = new(request);
        if (session.Kernel.Links.Find(bridge) is not { } link)
            return [$"there is no bridge {bridge}"];
        string[] ports = [.. session.Kernel.Links.All().Where(port => port.Master == link.Index).Select(static port => port.Name)];
        return [$"bridge {bridge} is {(link.IsUp ? "up" : "down")}, mtu {link.Mtu}, ports: {(ports.Length == 0 ? "none" : string.Join(" ", ports))}"];
    }

    // Moving the interface that the root file system is reached through would stop the machine half-way.
    private static void RefuseUnusable(LinkTable links, string netdev)
    {
        if (links.Find(netdev) is null)
            throw new IOException($"cannot move netdev={netdev} onto the bridge: there is no such interface (there is {string.Join(" ", links.All().Select(static link => link.Name))})");
        bool isOnNetwork = File.ReadLines("/proc/mounts").Any(static line => line.Split(' ') is [_, "/", string kind, ..] && kind.StartsWith("nfs", StringComparison.Ordinal));
        if (isOnNetwork)
            throw new IOException($"cannot move netdev={netdev} onto the bridge: the root file system is on the network");
    }
}
