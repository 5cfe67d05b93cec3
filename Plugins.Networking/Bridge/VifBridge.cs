using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Bridge;

/// <summary>Makes a guest's interface a port of a bridge: the one that was asked for, else the first that is found (fact sheet "xend", section 6).</summary>
[VifScript("vif-bridge")]
public sealed class VifBridge : IVifScript
{
    /// <inheritdoc/>
    public VifPlacement Online(VifRequest vif)
    {
        ScriptArguments arguments = new(vif.Network.Arguments);
        using NetworkSession session = new(vif.Network);
        KernelNetwork network = session.Kernel;
        Link bridge = Choose(network.Links, vif, arguments);
        Link link = network.Links.Get(vif.Interface);
        try
        {
            // Before it becomes a port: a bridge takes the smallest of its ports' MTUs for its own.
            if (link.Mtu != bridge.Mtu)
                network.Links.SetMtu(vif.Interface, bridge.Mtu);

            // The frames that pass here are the guest's; dom0 has no address of its own on them.
            network.WriteSwitch($"net/ipv6/conf/{vif.Interface}/disable_ipv6", "1");
            if (arguments.IsAntispoofing)
                SpoofGuard.Set(session.Filter, vif, vif.Addresses);
            network.Links.SetMaster(vif.Interface, bridge.Name);
            network.Links.SetUp(vif.Interface);
        }
        catch
        {
            Rollback.Run(() => TakeOff(session, vif));
            throw;
        }

        return new VifPlacement(bridge.Name, vif.Addresses);
    }

    /// <inheritdoc/>
    public void Offline(VifRequest vif)
    {
        using NetworkSession session = new(vif.Network);
        TakeOff(session, vif);
    }

    private static void TakeOff(NetworkSession session, VifRequest vif)
    {
        SpoofGuard.Remove(session.Filter, vif);
        if (session.Kernel.Links.Find(vif.Interface) is null)
            return;
        session.Kernel.Links.SetDown(vif.Interface);
        session.Kernel.Links.SetMaster(vif.Interface, null);
    }

    private static Link Choose(LinkTable links, VifRequest vif, ScriptArguments arguments)
    {
        if ((vif.Bridge ?? arguments.Bridge) is { } name)
        {
            return links.Find(name) is { Kind: "bridge" } named ? named : throw new IOException(
                $"Could not find bridge device {name}{(Known(links) is { Length: > 0 } known ? $" (there is {known})" : " (there is no bridge)")}");
        }

        return links.All().Where(static link => link.Kind == "bridge").OrderByDescending(link => link.Alias == OwnerMark.Alias(vif.Network)).FirstOrDefault()
            ?? throw new IOException("Could not find bridge, and none was specified");
    }

    private static string Known(LinkTable links) => string.Join(" ", links.All().Where(static link => link.Kind == "bridge").Select(static link => link.Name));
}
