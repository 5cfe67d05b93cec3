using Hospes.Bench.Guests;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Sdk.Networking;

namespace Hospes.Bench.Networks;

/// <summary>The peer: QEMU's translator, virtio-net, taps on a bridge.</summary>
internal sealed class NetPeer : NetSide
{
    private const string Bridge = "bridge";

    private readonly NetworkNamespace _namespace = NetworkNamespace.Create();

    /// <inheritdoc/>
    protected override NetworkNamespace Namespace => _namespace;

    public static async Task<NetPeer> StartAsync(BenchOptions options, CancellationToken cancellation)
    {
        NetPeer side = new();
        try
        {
            using KernelNetwork network = new(side._namespace);
            network.Links.SetUp("lo");
            network.Links.AddBridge(Bridge);
            network.Addresses.Add(Bridge, InterfaceAddress.Parse($"{Dom0}/{PrefixLength}"));
            network.Links.SetUp(Bridge);
            List<IGuestRun> guests = [];
            string vhost = File.Exists("/dev/vhost-net") ? ",vhost=on" : "";
            for (int number = 1; number <= 2; number++)
            {
                string tap = $"tap{number}";
                string mac = $"52:54:00:00:00:0{number}";
                int guest = number;
                guests.Add(side._namespace.Run(() => PeerGuest.Start(
                    options, CommandLine(guest), null,
                    "-netdev", $"tap,id=net,ifname={tap},script=no,downscript=no{vhost}", "-device", $"virtio-net-pci,netdev=net,mac={mac}")));
                await ConnectAsync(network, tap, cancellation);
            }

            await side.AwaitAsync(guests, cancellation);
            return side;
        }
        catch
        {
            await side.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _namespace.Dispose();
    }

    private static async Task ConnectAsync(KernelNetwork network, string tap, CancellationToken cancellation)
    {
        while (network.Links.Find(tap) is not Link)
            await Task.Delay(10, cancellation); // QEMU makes it in its own time
        network.Links.SetMaster(tap, Bridge);
        network.Links.SetUp(tap);
    }
}
