using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Hospes.Bench.Guests;
using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.Bench.Networks;

/// <summary>Our side: an appliance in a namespace of its own, with network-bridge and vif-bridge.</summary>
internal sealed class NetOurs : NetSide
{
    /// <summary>Interfaces on the bridge when many are attached; as many as two guests' grant tables hold.</summary>
    public const int ManyInterfaces = 100;

    private const string Bridge = "xenbr0";

    private readonly Appliance _appliance;
    private readonly NetworkNamespace _namespace;

    private NetOurs(Appliance appliance, NetworkNamespace inside) => (_appliance, _namespace) = (appliance, inside);

    /// <inheritdoc/>
    protected override NetworkNamespace Namespace => _namespace;

    public static async Task<NetOurs> StartAsync(BenchOptions options, CancellationToken cancellation)
    {
        string name = $"hospes-bench-{Environment.ProcessId}";
        Appliance appliance = await Appliance.StartAsync(
            options, cancellation, "(network-script network-bridge)\n(vif-script vif-bridge)\n", "--netns", name);
        NetOurs side = new(appliance, NetworkNamespace.Open(NetworkNamespace.PathOf(name)));
        try
        {
            using KernelNetwork network = new(side._namespace);
            network.Addresses.Add(Bridge, InterfaceAddress.Parse($"{Dom0}/{PrefixLength}"));
            List<IGuestRun> guests = [];
            for (int number = 1; number <= 2; number++)
                guests.Add(OurGuest.Start(appliance, options, $"net{number}", CommandLine(number), "vif = ['']"));
            await side.AwaitAsync(guests, cancellation);
            return side;
        }
        catch
        {
            await side.DisposeAsync();
            throw;
        }
    }

    /// <summary>Attaches interfaces until there are <see cref="ManyInterfaces"/>; answers the median of what one took xend, in milliseconds.</summary>
    /// <exception cref="BenchException">One could not be attached.</exception>
    public async Task<double> AttachManyAsync(CancellationToken cancellation)
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, token) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_appliance.Root, "var/run/xend/xend.sock")), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient xend = new(handler) { BaseAddress = new Uri("http://xend/") };
        List<double> times = [];
        for (int count = 2; count < ManyInterfaces; count++)
        {
            using StringContent form = new("(vif)", Encoding.UTF8, new MediaTypeHeaderValue("application/sxp"));
            long begin = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await xend.PostAsync($"v1/domains/net{1 + (count % 2)}/device-attach", form, cancellation);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            if (!answer.IsSuccessStatusCode)
                throw new BenchException($"interface {count + 1} could not be attached: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }

        // The bridge still works, and so do the guests.
        await CommandAsync(1, $"ping -c 1 {Guest(2)}", cancellation);
        times.Sort();
        return times[times.Count / 2];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _namespace.Dispose();
        await _appliance.DisposeAsync();
    }
}
