using Hospes.Linux.Networking.Native;

namespace Hospes.Linux.Networking;

/// <summary>
/// Packet filters and address translation of a namespace (nftables). Rules are handed to libnftables in nft(8)'s own language, which is its stable
/// interface; a text is applied whole or not at all. Any thread.
/// </summary>
public sealed class PacketFilter
{
    private readonly KernelNetwork _network;

    /// <summary>That of a network's namespace.</summary>
    public PacketFilter(KernelNetwork network) => _network = network;

    /// <summary>Applies commands of nft.</summary>
    /// <param name="what">What they are for, as in "cannot ...".</param>
    /// <param name="commands">The commands.</param>
    /// <exception cref="IOException">The library is not there, or the kernel refuses them; nothing has changed then.</exception>
    public void Apply(string what, string commands) => Run(what, commands);

    /// <summary>The rules of a table, for people; empty when there is none of that name.</summary>
    public string Show(string family, string table)
    {
        try
        {
            return Run($"show the table {table}", $"list table {family} {table}");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private string Run(string what, string commands) => _network.Inside(() =>
    {
        try
        {
            using NftablesContext nftables = new();
            if (nftables.TryRun(commands))
                return nftables.Output;
            string said = nftables.Errors.Trim();
            throw said.Contains("Operation not permitted", StringComparison.Ordinal)
                ? new NetworkException($"cannot {what}", NetworkException.NotPermitted)
                : new IOException($"cannot {what}: nftables refuses: {said}");
        }
        catch (DllNotFoundException missing)
        {
            throw new IOException($"cannot {what}: the library libnftables is not installed. Install it: apt-get install nftables", missing);
        }
    });
}
