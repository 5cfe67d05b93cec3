using System.ComponentModel;
using System.Diagnostics;

namespace Hospes.Linux.Networking;

/// <summary>
/// Packet filters and address translation of a namespace (nftables). Rules are handed to nft(8) in its own language, which is their stable interface;
/// a text is applied whole or not at all. Any thread.
/// </summary>
public sealed class PacketFilter
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly string[] Places = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"];

    private readonly KernelNetwork _network;

    /// <summary>That of a network's namespace.</summary>
    public PacketFilter(KernelNetwork network) => _network = network;

    /// <summary>Applies commands of nft.</summary>
    /// <param name="what">What they are for, as in "cannot ...".</param>
    /// <param name="commands">The commands.</param>
    /// <exception cref="IOException">nft is not there, or refuses them; nothing has changed then.</exception>
    public void Apply(string what, string commands) => Run(what, ["-f", "-"], commands);

    /// <summary>The rules of a table, for people; empty when there is none of that name.</summary>
    public string Show(string family, string table)
    {
        try
        {
            return Run($"show the table {table}", ["list", "table", family, table], null);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private string Run(string what, string[] arguments, string? input)
    {
        string program = Array.Find(Places, File.Exists)
            ?? throw new IOException($"cannot {what}: nft is not installed (looked for {string.Join(", ", Places)}). Install it: apt-get install nftables");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process nft = _network.Inside(() => Process.Start(start)) ?? throw new IOException($"cannot {what}: {program} did not start");
            Task<string> output = nft.StandardOutput.ReadToEndAsync();
            Task<string> errors = nft.StandardError.ReadToEndAsync();
            if (input is not null)
                nft.StandardInput.Write(input);
            nft.StandardInput.Close();
            if (!nft.WaitForExit(Limit))
            {
                nft.Kill();
                throw new IOException($"cannot {what}: {program} has not answered within {Limit.TotalSeconds:0} s");
            }

            if (nft.ExitCode == 0)
                return output.Result;
            string said = errors.Result.Trim();
            throw said.Contains("Operation not permitted", StringComparison.Ordinal)
                ? new NetworkException($"cannot {what}", NetworkException.NotPermitted)
                : new IOException($"cannot {what}: nft answered {nft.ExitCode}: {said}");
        }
        catch (Win32Exception failure)
        {
            throw new IOException($"cannot {what}: {program} cannot be run: {failure.Message}", failure);
        }
    }
}
