namespace Hospes.Linux.Networking.Netlink;

/// <summary>NLM_F_* (netlink(7)).</summary>
[Flags]
internal enum RequestFlags : ushort
{
    Request = 1,
    Acknowledge = 4,
    Dump = 0x300,
    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,
}
