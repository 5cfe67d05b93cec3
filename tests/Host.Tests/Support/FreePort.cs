using System.Net;
using System.Net.Sockets;

namespace Hospes.Host.Tests.Support;

/// <summary>A TCP port for a daemon: below those that the kernel gives to clients (net.ipv4.ip_local_port_range), so that nobody gets it meanwhile.</summary>
internal static class FreePort
{
    public static int Find()
    {
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            using Socket free = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                free.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
