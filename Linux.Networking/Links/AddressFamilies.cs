using System.Net;
using System.Net.Sockets;

namespace Hospes.Linux.Networking.Links;

/// <summary>AF_* as the kernel numbers them, which the framework does differently.</summary>
internal static class AddressFamilies
{
    internal const byte Version4 = 2;
    internal const byte Version6 = 10;

    internal static byte Of(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? Version6 : Version4;
}
