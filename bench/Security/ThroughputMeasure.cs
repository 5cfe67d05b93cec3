using System.Globalization;
using System.Text.Json.Nodes;
using Hospes.Bench.Guests;
using Hospes.Bench.Measures;
using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.Bench.Security;

/// <summary>
/// <c>net</c>: TCP between two interfaces on a bridge, in namespaces, with the guards of two labels that may share and, the peer, without, in turn. Without guests: these are
/// slower by far, and would hide what the filters take.
/// </summary>
internal static class ThroughputMeasure
{
    private const string Bridge = "benchbr0";
    private const string Table = "hospes-bench-acm";
    private const string Address = "192.0.2.2";
    private const int Seconds = 2;

    public static async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        using NetworkNamespace middle = NetworkNamespace.Create();
        using NetworkNamespace one = NetworkNamespace.CreateNamed($"hospes-acm-a-{Environment.ProcessId}", out _);
        using NetworkNamespace two = NetworkNamespace.CreateNamed($"hospes-acm-b-{Environment.ProcessId}", out _);
        try
        {
            using KernelNetwork network = new(middle);
            network.Links.AddBridge(Bridge);
            network.Links.SetUp(Bridge);
            Connect(network, one, "vif1.0", "192.0.2.1/24");
            Connect(network, two, "vif2.0", $"{Address}/24");
            PacketFilter filter = new(network);
            GuardedInterface[] guarded = [new("vif1.0", 3, [3, 9], true), new("vif2.0", 9, [3, 9], true)];
            using System.Diagnostics.Process server = Tool.Start(Inside("b", "iperf3", "--server", "--forceflush"));
            try
            {
                await ListensAsync(server, cancellation);
                await RunAsync(options, filter, guarded, cancellation);
            }
            finally
            {
                server.Kill();
            }
        }
        finally
        {
            NetworkNamespace.DeleteNamed($"hospes-acm-a-{Environment.ProcessId}");
            NetworkNamespace.DeleteNamed($"hospes-acm-b-{Environment.ProcessId}");
        }
    }

    private static async Task RunAsync(BenchOptions options, PacketFilter filter, GuardedInterface[] guarded, CancellationToken cancellation)
    {
        Figures figures = new();
        for (int run = 0; run <= options.Runs; run++)
        {
            double without = await MeasureAsync(cancellation);
            TrafficGuard.Apply(filter, Table, guarded, guarded);
            double with = await MeasureAsync(cancellation);
            TrafficGuard.RemoveAll(filter, Table);
            if (run > 0)
                figures.Add("acm-net-tcp", new Figure("ratio", with / without, "0.00"), new Figure("ours", with, "0.00", "Gbit/s"), new Figure("peer", without, "0.00", "Gbit/s"));
        }

        figures.Summarise();
    }

    private static void Connect(KernelNetwork network, NetworkNamespace guest, string vif, string address)
    {
        network.Links.AddPair(vif, "eth0", guest);
        network.Links.SetMaster(vif, Bridge);
        network.Links.SetUp(vif);
        using KernelNetwork inside = new(guest);
        inside.Links.SetUp("lo");
        inside.Links.SetUp("eth0");
        inside.Addresses.Add("eth0", InterfaceAddress.Parse(address));
    }

    private static async Task<double> MeasureAsync(CancellationToken cancellation)
    {
        string answer = await Tool.ReadAsync(
            Inside("a", "iperf3", "--client", Address, "--json", "--connect-timeout", "5000", "--time", Seconds.ToString(CultureInfo.InvariantCulture)), cancellation);
        JsonNode report = JsonNode.Parse(answer)!;
        return report["end"]?["sum_received"]?["bits_per_second"] is { } rate
            ? (double)rate / 1e9
            : throw new BenchException($"iperf3 did not say how much arrived: {report["error"]}");
    }

    private static async Task ListensAsync(System.Diagnostics.Process server, CancellationToken cancellation)
    {
        while (await server.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Contains("listening", StringComparison.OrdinalIgnoreCase))
                return;
        }

        throw new BenchException("iperf3's server ended before it listened");
    }

    private static System.Diagnostics.ProcessStartInfo Inside(string which, params string[] words) =>
        Tool.Command("ip", ["netns", "exec", $"hospes-acm-{which}-{Environment.ProcessId}", .. words]);
}
