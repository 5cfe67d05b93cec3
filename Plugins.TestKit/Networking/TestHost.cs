using Hospes.Linux.Networking;
using Hospes.Sdk;
using Hospes.Sdk.Networking;
using Xunit;

namespace Hospes.TestKit.Networking;

/// <summary>A machine of a test: a network namespace that nobody else is in, and a directory for what scripts keep.</summary>
public sealed class TestHost : IDisposable
{
    private readonly List<TestGuest> _guests = [];

    /// <summary>Makes one; skips the test where that is not allowed.</summary>
    public TestHost()
    {
        Namespace = CreateNamespace();
        Network = new KernelNetwork(Namespace);
        Network.Links.SetUp("lo");
        StateDirectory = Directory.CreateTempSubdirectory("hospes-net-").FullName;
    }

    /// <summary>Its namespace.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>Its configuration.</summary>
    public KernelNetwork Network { get; }

    /// <summary>What scripts keep.</summary>
    public string StateDirectory { get; }

    /// <summary>What a script is told of this machine.</summary>
    /// <param name="arguments">Words <c>name=value</c>.</param>
    public NetworkRequest Request(params string[] arguments) => new()
    {
        NamespacePath = $"/proc/self/fd/{Namespace.Descriptor}",
        Owner = "test",
        StateDirectory = StateDirectory,
        Arguments = arguments.Select(static word => word.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal),
    };

    /// <summary>A guest, whose interface <c>vifN.0</c> is here and down.</summary>
    public TestGuest AddGuest(int domain)
    {
        TestGuest guest = new(this, domain);
        _guests.Add(guest);
        return guest;
    }

    /// <summary>A wire to another machine; both ends are called <c>eth0</c>.</summary>
    public void ConnectTo(TestHost other)
    {
        Network.Links.AddPair("eth0", "eth0", other.Namespace);
        Network.Links.SetUp("eth0");
        other.Network.Links.SetUp("eth0");
    }

    /// <summary>What a vif script is told of a guest's interface.</summary>
    public VifRequest Vif(TestGuest guest, string? addresses = null, string? bridge = null, params string[] arguments) => new()
    {
        Network = Request(arguments),
        Interface = guest.Vif,
        Domain = new DomainId((ushort)guest.Domain),
        DomainName = $"guest{guest.Domain}",
        Handle = 0,
        Mac = guest.Mac,
        Bridge = bridge,
        Addresses = [.. (addresses ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(InterfaceAddress.Parse)],
    };

    /// <summary>Interfaces, their addresses, their bridges, and routes: to see whether something was put back.</summary>
    public string Snapshot() => string.Join('\n',
    [
        .. Network.Links.All().Where(static link => !link.Name.StartsWith("vif", StringComparison.Ordinal)).Select(static link => $"{link.Name} {link.Kind} {link.Mtu} {link.IsUp} {link.Master}"),
        .. Network.Addresses.List().Where(static entry => !entry.Address.Address.IsIPv6LinkLocal).Select(static entry => $"{entry.Index} {entry.Address}").Order(StringComparer.Ordinal),
        .. Network.Routes.List().Where(static route => route.Destination?.BaseAddress.IsIPv6LinkLocal != true && route.Destination?.BaseAddress.IsIPv6Multicast != true)
            .Select(static route => $"{route.Destination} {route.Link} {route.Gateway}").Order(StringComparer.Ordinal),
        $"forwarding {Network.ReadSwitch("net/ipv4/ip_forward")} {Network.ReadSwitch("net/ipv6/conf/all/forwarding")}",
    ]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _guests.ForEach(static guest => guest.Dispose());
        Network.Dispose();
        Namespace.Dispose();
        Directory.Delete(StateDirectory, recursive: true);
    }

    internal static NetworkNamespace CreateNamespace()
    {
        try
        {
            return NetworkNamespace.Create();
        }
        catch (NetworkException refused) when (refused.Errno == NetworkException.NotPermitted)
        {
            throw new SkipException($"network namespaces need root here: {refused.Message}");
        }
    }
}
