using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Route;

/// <summary>
/// dom0 is the router of its guests: packets are passed on, and <c>netdev=</c> (<c>eth0</c> if there is one) answers for the guests' addresses (fact sheet
/// "xend", section 6).
/// </summary>
[NetworkScript("network-route")]
public sealed class NetworkRoute : INetworkScript
{
    private const string Name = "network-route";
    private const string DefaultNetdev = "eth0";

    /// <inheritdoc/>
    public void Start(NetworkRequest request)
    {
        ScriptArguments arguments = new(request.Arguments);
        using NetworkSession session = new(request);
        Link? netdev = session.Kernel.Links.Find(arguments.Netdev ?? DefaultNetdev);
        if (netdev is null && arguments.Netdev is { } missing)
        {
            throw new IOException(
                $"cannot route through netdev={missing}: there is no such interface (there is {string.Join(" ", session.Kernel.Links.All().Select(static link => link.Name))})");
        }

        List<(string, string)> switches = [("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1")];
        if (netdev is not null)
        {
            switches.Add(($"net/ipv4/conf/{netdev.Name}/proxy_arp", "1"));
            switches.Add(($"net/ipv6/conf/{netdev.Name}/proxy_ndp", "1"));
        }

        new SavedSwitches(request, Name).Set(session.Kernel, [.. switches]);
    }

    /// <inheritdoc/>
    public void Stop(NetworkRequest request)
    {
        using NetworkSession session = new(request);
        new SavedSwitches(request, Name).Restore(session.Kernel);
        SpoofGuard.RemoveAll(session.Filter, request);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Status(NetworkRequest request)
    {
        using NetworkSession session = new(request);
        return [$"packets {(session.Kernel.ReadSwitch("net/ipv4/ip_forward") == "1" ? "are" : "are not")} passed on between interfaces"];
    }
}
