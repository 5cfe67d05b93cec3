using System.Net;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Nat.Dhcp;

/// <summary>What one interface's guest is told.</summary>
/// <param name="Client">The only address on the wire that is answered.</param>
/// <param name="Address">The guest's address.</param>
/// <param name="Router">Gateway, name server and the server's own identity.</param>
/// <param name="HostName">The guest's name.</param>
/// <param name="Domain">Where names without a dot are looked for.</param>
/// <param name="Mtu">The largest packet that its interface takes.</param>
internal sealed record DhcpLease(MacAddress Client, InterfaceAddress Address, IPAddress Router, string HostName, string Domain, int Mtu);
