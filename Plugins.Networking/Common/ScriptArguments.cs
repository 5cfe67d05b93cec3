using System.Net;

namespace Hospes.Networking.Common;

/// <summary>
/// The words <c>name=value</c> behind a script's name. The words of <c>(network-script ...)</c> are given to the vif script too, so all scripts know
/// all names, and a misspelt one is refused by each.
/// </summary>
internal sealed class ScriptArguments
{
    private static readonly string[] Known = ["antispoof", "bridge", "dhcp", "dns", "netdev", "subnet"];

    private readonly IReadOnlyDictionary<string, string> _arguments;

    internal ScriptArguments(IReadOnlyDictionary<string, string> arguments)
    {
        foreach (string name in arguments.Keys)
        {
            if (!Known.Contains(name, StringComparer.Ordinal))
                throw new FormatException($"unknown argument '{name}='; there is {string.Join(", ", Known.Select(static known => $"{known}="))}");
        }

        _arguments = arguments;
    }

    /// <summary>Whether guests are kept to their own addresses.</summary>
    internal bool IsAntispoofing => Flag("antispoof", missing: true);

    /// <summary>Whether guests are given addresses.</summary>
    internal bool GivesAddresses => Flag("dhcp", missing: true);

    /// <summary>The bridge, or null.</summary>
    internal string? Bridge => _arguments.GetValueOrDefault("bridge") is { Length: > 0 } name ? name : null;

    /// <summary>The interface to the world, or null.</summary>
    internal string? Netdev => _arguments.GetValueOrDefault("netdev") is { Length: > 0 } name ? name : null;

    /// <summary>The network that guests' addresses are taken from, or null.</summary>
    internal IPNetwork? Subnet => _arguments.GetValueOrDefault("subnet") switch
    {
        null => null,
        string text when IPNetwork.TryParse(text, out IPNetwork network) && network.BaseAddress.GetAddressBytes().Length == 4 => network,
        string text => throw new FormatException($"subnet={text} is not a network such as 10.0.0.0/16"),
    };

    /// <summary>Where names are asked for that are not our guests'; null: as the machine itself does.</summary>
    internal IReadOnlyList<IPAddress>? NameServers => _arguments.GetValueOrDefault("dns")?.Split(',')
        .Select(static text => IPAddress.TryParse(text, out IPAddress? address) ? address : throw new FormatException($"dns={text} is not an address"))
        .ToArray();

    private bool Flag(string name, bool missing) => _arguments.GetValueOrDefault(name)?.ToLowerInvariant() switch
    {
        null => missing,
        "yes" or "y" or "1" or "on" or "true" => true,
        "no" or "n" or "0" or "off" or "false" => false,
        string value => throw new FormatException($"{name}={value} is neither yes nor no"),
    };
}
