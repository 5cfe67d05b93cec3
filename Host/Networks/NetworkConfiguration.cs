using Hospes.Host.Startup.Configuration;

namespace Hospes.Host.Networks;

/// <summary>
/// What <c>xend-config.sxp</c> says of networks (fact sheet "xend", section 2). Where it says nothing, guests are behind address translation, which
/// needs no physical interface.
/// </summary>
internal sealed record NetworkConfiguration
{
    /// <summary>What is used when nothing is said.</summary>
    public const string DefaultNetworkScript = "network-nat";

    private const string DefaultVifScript = "vif-nat";

    /// <summary>As configured.</summary>
    /// <exception cref="XendException">A line of a script is none.</exception>
    public NetworkConfiguration(XendConfiguration all)
    {
        string network = all.Text(XendParameters.NetworkScript);
        string vif = all.Text(XendParameters.VifScript);
        IsChosen = all.IsSet(XendParameters.NetworkScript);
        NetworkScript = network.Length > 0 ? ScriptLine.Parse(network) : IsChosen ? null : ScriptLine.Parse(DefaultNetworkScript);
        VifScript = ScriptLine.Parse(vif.Length > 0 ? vif : Matching(IsChosen ? NetworkScript : null));
        ScriptTimeout = all.Seconds(XendParameters.DeviceCreateTimeout);
    }

    /// <summary>What sets the network up; null: nothing does.</summary>
    public ScriptLine? NetworkScript { get; }

    /// <summary>Whether somebody has chosen it; else it is started with the first interface that needs it.</summary>
    public bool IsChosen { get; }

    /// <summary>What connects interfaces that name no script of their own.</summary>
    public ScriptLine VifScript { get; }

    /// <summary>How long a script may take.</summary>
    public TimeSpan ScriptTimeout { get; }

    // network-bridge goes with vif-bridge, and so on; Xen's file has to say both.
    private static string Matching(ScriptLine? network) => network?.Name is "network-bridge" or "network-route"
        ? network.Name.Replace("network-", "vif-", StringComparison.Ordinal)
        : DefaultVifScript;
}
