using Hospes.Linux.Networking;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Nat;

/// <summary>
/// Guests have a network of their own behind this machine's addresses: it needs no physical interface, works on a laptop, in a container, and without any
/// way to the world at all (fact sheet "xend", section 6). <c>netdev=</c> limits the translation to packets that leave by that interface,
/// <c>subnet=</c> names the guests' network; without it the first of some that is not in use here is taken.
/// </summary>
[NetworkScript("network-nat")]
public sealed class NetworkNat : INetworkScript
{
    private const string Name = "network-nat";

    /// <inheritdoc/>
    public void Start(NetworkRequest request)
    {
        ScriptArguments arguments = new(request.Arguments);
        using NetworkSession session = new(request);
        if (arguments.Netdev is { } netdev && session.Kernel.Links.Find(netdev) is null)
        {
            throw new IOException(
                $"cannot translate at netdev={netdev}: there is no such interface (there is {string.Join(" ", session.Kernel.Links.All().Select(static link => link.Name))})");
        }

        // Guests that run on over a restart keep their addresses.
        GuestSubnet subnet = NatState.Load(request) is { } before && (arguments.Subnet is null || arguments.Subnet == before)
            ? GuestSubnet.Of(before)
            : GuestSubnet.Choose(session.Kernel, arguments.Subnet, static link => link.StartsWith("vif", StringComparison.Ordinal));
        SavedSwitches switches = new(request, Name);
        try
        {
            session.Filter.Apply("translate the guests' addresses", Rules(request, subnet, arguments.Netdev));
            switches.Set(session.Kernel, ("net/ipv4/ip_forward", "1"));
            NatState.Save(request, subnet.Network);
        }
        catch
        {
            Rollback.Run(() => Undo(session, request, switches));
            throw;
        }
    }

    /// <inheritdoc/>
    public void Stop(NetworkRequest request)
    {
        using NetworkSession session = new(request);
        Undo(session, request, new SavedSwitches(request, Name));
        SpoofGuard.RemoveAll(session.Filter, request);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Status(NetworkRequest request)
    {
        using NetworkSession session = new(request);
        string rules = session.Filter.Show("ip", OwnerMark.Table(request));
        return rules.Length == 0 || NatState.Load(request) is not { } subnet ? ["guests' addresses are not translated"] : [$"guests have {subnet}, translated to this machine's addresses"];
    }

    private static void Undo(NetworkSession session, NetworkRequest request, SavedSwitches switches)
    {
        string table = $"table ip {OwnerMark.Table(request)}";
        session.Filter.Apply("take the translation away", $"add {table}\ndelete {table}\n");
        switches.Restore(session.Kernel);
        NatState.Forget(request);
    }

    // Between guests nothing is translated. The table is replaced whole.
    private static string Rules(NetworkRequest request, GuestSubnet subnet, string? netdev)
    {
        string table = $"table ip {OwnerMark.Table(request)}";
        string way = netdev is null ? "" : $"oifname \"{netdev}\" ";
        return $$"""
            add {{table}}
            delete {{table}}
            {{table}} {
              chain postrouting {
                type nat hook postrouting priority 100; policy accept;
                ip saddr {{subnet.Network}} ip daddr != { {{subnet.Network}}, 224.0.0.0/4, 255.255.255.255 } {{way}}counter masquerade
              }
            }

            """;
    }
}
