namespace Hospes.Networking.Nat.Dhcp;

/// <summary>RFC 2132.</summary>
internal enum DhcpOption : byte
{
    Padding = 0,
    SubnetMask = 1,
    Router = 3,
    NameServer = 6,
    HostName = 12,
    DomainName = 15,
    Mtu = 26,
    RequestedAddress = 50,
    LeaseTime = 51,
    MessageType = 53,
    ServerIdentifier = 54,
    End = 255,
}
