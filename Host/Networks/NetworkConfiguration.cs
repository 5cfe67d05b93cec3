using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Host.Networks;

/// <summary>
/// What <c>xend-config.sxp</c> says of networks (fact sheet "xend", section 2). Without the file, or the keys, guests are behind address translation,
/// which needs no physical interface.
/// </summary>
internal sealed record NetworkConfiguration
{
    /// <summary>What is used when nothing is said.</summary>
    public const string DefaultNetworkScript = "network-nat";

    private const string DefaultVifScript = "vif-nat";
    private const int DefaultCreateTimeout = 100;

    /// <summary>What sets the network up; null: nothing does.</summary>
    public required ScriptLine? NetworkScript { get; init; }

    /// <summary>Whether somebody has chosen it; else it is started with the first interface that needs it.</summary>
    public required bool IsChosen { get; init; }

    /// <summary>What connects interfaces that name no script of their own.</summary>
    public required ScriptLine VifScript { get; init; }

    /// <summary>How long a script may take.</summary>
    public required TimeSpan ScriptTimeout { get; init; }

    /// <summary>Reads the file; one that is not there says nothing.</summary>
    /// <exception cref="XendException">It cannot be read; the message says where it is wrong.</exception>
    public static NetworkConfiguration Read(string path)
    {
        try
        {
            SxpList all = new([new SxpAtom("xend-config"), .. File.Exists(path) ? SxpParser.ParseAll(File.ReadAllText(path)) : []]);
            string? network = all.ValueText("network-script");
            string? vif = all.ValueText("vif-script");
            bool isNetworkSaid = all.Child("network-script") is not null;
            return new NetworkConfiguration
            {
                NetworkScript = network is { Length: > 0 } ? ScriptLine.Parse(network) : isNetworkSaid ? null : ScriptLine.Parse(DefaultNetworkScript),
                IsChosen = isNetworkSaid,
                VifScript = ScriptLine.Parse(vif is { Length: > 0 } ? vif : Matching(network)),
                ScriptTimeout = TimeSpan.FromSeconds(Seconds(all.ValueText("device-create-timeout"))),
            };
        }
        catch (SxpSyntaxException wrong)
        {
            throw XendException.Generic($"{path} is not a sequence of (key value) forms: {wrong.Message}", wrong);
        }
    }

    // network-bridge goes with vif-bridge, and so on; Xen's file has to say both.
    private static string Matching(string? network) => network is not null && ScriptLine.Parse(network).Name is "network-bridge" or "network-route"
        ? ScriptLine.Parse(network!).Name.Replace("network-", "vif-", StringComparison.Ordinal)
        : DefaultVifScript;

    private static int Seconds(string? text) => text is null ? DefaultCreateTimeout
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0 ? seconds
        : throw XendException.Generic($"invalid xend config device-create-timeout: expected int: {text}");
}
