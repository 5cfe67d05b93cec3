using System.Net;
using System.Net.Sockets;
using System.Text;
using Hospes.Linux.Networking;
using Hospes.Networking.Common;
using Hospes.Networking.Nat.Dhcp;
using Hospes.Networking.Nat.Dns;
using Hospes.Sdk.Networking;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat;

/// <summary>What answers on one guest's interface: DHCP and names. Its sockets are bound to that interface: no other guest is heard or told anything.</summary>
internal sealed class VifServices : IDisposable
{
    private const int SocketLevel = 1;
    private const int BindToDevice = 25; // SO_BINDTODEVICE
    private const int DhcpPort = 67;
    private const int NamePort = 53;

    private readonly List<IDisposable> _services = [];

    internal static VifServices Start(
        KernelNetwork network, VifRequest vif, InterfaceAddress guest, InterfaceAddress router, ScriptArguments arguments, GuestNames names, ILogger log)
    {
        VifServices services = new();
        try
        {
            if (arguments.GivesAddresses)
            {
                Socket socket = network.Inside(() => Open(vif.Interface, SocketType.Dgram, new IPEndPoint(IPAddress.Any, DhcpPort)));
                DhcpLease lease = new(vif.Mac, guest, router.Address, vif.DomainName, GuestNames.Domain, network.Links.Get(vif.Interface).Mtu);
                services._services.Add(new DhcpService(socket, new DhcpResponder(lease), vif.Interface, log));
            }

            NameResolver resolver = new(names, router.Address, new UpstreamServers(vif.Network.NamespacePath, arguments.NameServers), log);
            Socket datagrams = network.Inside(() => Open(vif.Interface, SocketType.Dgram, new IPEndPoint(router.Address, NamePort)));
            services._services.Add(new DatagramNameService(datagrams, resolver, vif.Interface, log));
            Socket streams = network.Inside(() => Open(vif.Interface, SocketType.Stream, new IPEndPoint(router.Address, NamePort)));
            services._services.Add(new StreamNameService(streams, resolver, vif.Interface, log));
            return services;
        }
        catch (SocketException failure)
        {
            services.Dispose();
            throw new IOException($"cannot serve addresses and names on {vif.Interface}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable service in _services)
            service.Dispose();
    }

    private static Socket Open(string device, SocketType type, IPEndPoint at)
    {
        Socket socket = new(AddressFamily.InterNetwork, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.ASCII.GetBytes(device));
            if (type == SocketType.Dgram)
                socket.EnableBroadcast = true;
            socket.Bind(at);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
