using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hospes.Bench.Guests;
using Hospes.Linux.Networking;

namespace Hospes.Bench.Networks;

/// <summary>One side of the measure: a namespace, a bridge whose own address is dom0's, and guests that take commands.</summary>
internal abstract class NetSide : IAsyncDisposable
{
    protected const string Dom0 = "10.77.0.1";
    protected const int PrefixLength = 24;

    private const int Seconds = 2;
    private const int Pings = 300;
    private const int PingsFromGuest = 150;
    private const int Attempts = 10;
    private const int CommandPort = 5555;

    private readonly List<IGuestRun> _guests = [];

    /// <summary>Where it all happens.</summary>
    protected abstract NetworkNamespace Namespace { get; }

    /// <summary>The address of a guest, counted from 1.</summary>
    protected static string Guest(int number) => $"10.77.0.{10 + number}";

    /// <summary>What a guest's kernel is told.</summary>
    protected static string CommandLine(int number) => $"hospes.net ip={Guest(number)}::{Dom0}:255.255.255.0::eth0:off";

    /// <summary>Waits until guests take commands.</summary>
    protected async Task AwaitAsync(IReadOnlyList<IGuestRun> guests, CancellationToken cancellation)
    {
        _guests.AddRange(guests);
        foreach (IGuestRun guest in guests)
            await guest.WaitForAsync("hospes: network is up", cancellation);
    }

    /// <summary>TCP between dom0 and the first guest, bits a second.</summary>
    public Task<double> BulkAsync(bool fromGuest, CancellationToken cancellation) =>
        IperfAsync("end.sum_received.bits_per_second", cancellation, fromGuest ? ["-R"] : []);

    /// <summary>UDP packets of 64 bytes that arrive, a second.</summary>
    public async Task<double> SmallAsync(bool fromGuest, CancellationToken cancellation)
    {
        string[] arguments = ["-u", "-b", "0", "-l", "64", .. fromGuest ? (string[])["-R"] : []];
        using JsonDocument report = await ReportAsync(arguments, cancellation);
        return Arrived(report);
    }

    /// <summary>TCP from the first guest to the second, bits a second.</summary>
    public async Task<double> BulkBetweenGuestsAsync(CancellationToken cancellation)
    {
        using JsonDocument report = await BetweenGuestsAsync("", cancellation);
        return report.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble();
    }

    /// <summary>UDP packets of 64 bytes from the first guest that arrive at the second, a second.</summary>
    public async Task<double> SmallBetweenGuestsAsync(CancellationToken cancellation)
    {
        using JsonDocument report = await BetweenGuestsAsync("-u -b 0 -l 64", cancellation);
        return Arrived(report);
    }

    /// <summary>Times of ICMP echoes as the first guest sees them, to dom0 or to the second guest, microseconds, ascending.</summary>
    public async Task<double[]> RoundTripsFromGuestAsync(bool toGuest, CancellationToken cancellation)
    {
        string output = await CommandAsync(1, $"ping -c {PingsFromGuest} -i 0.01 {(toGuest ? Guest(2) : Dom0)}", cancellation);
        double[] times =
        [
            .. Regex.Matches(output, "time=([0-9.]+) ms", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Select(static line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1000).Order(),
        ];
        return times.Length > PingsFromGuest / 2 ? times : throw new BenchException($"the guest's ping has not said much: {output}");
    }

    /// <summary>Times of ICMP echoes from dom0 to the first guest, microseconds, ascending.</summary>
    public double[] RoundTrips() => Namespace.Run(() =>
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp) { ReceiveTimeout = 2000 };
        socket.Connect(new IPEndPoint(IPAddress.Parse(Guest(1)), 0));
        double[] times = new double[Pings];
        byte[] echo = new byte[64];
        byte[] answer = new byte[1500];
        for (ushort number = 0; number < Pings; number++)
        {
            Fill(echo, number);
            long begin = Stopwatch.GetTimestamp();
            socket.Send(echo);
            do
            {
                socket.Receive(answer);
            }
            while (answer[20] != 0 || answer[26] != echo[6] || answer[27] != echo[7]); // another's echo
            times[number] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            Thread.Sleep(2); // as a ping leaves the guest its idle moments
        }

        Array.Sort(times);
        return times;
    });

    public virtual async ValueTask DisposeAsync()
    {
        foreach (IGuestRun guest in _guests)
            await guest.DisposeAsync();
        _guests.Clear();
    }

    /// <summary>Has a guest run a command and answers what that wrote.</summary>
    protected async Task<string> CommandAsync(int guest, string command, CancellationToken cancellation)
    {
        using Socket socket = Namespace.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(Guest(guest)), CommandPort), cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{command}; exit\n"), cancellation);
        StringBuilder output = new();
        byte[] buffer = new byte[8192];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;)
            output.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return output.ToString();
    }

    private static double Arrived(JsonDocument report)
    {
        JsonElement sum = report.RootElement.GetProperty("end").GetProperty("sum");
        return (sum.GetProperty("packets").GetDouble() - sum.GetProperty("lost_packets").GetDouble()) / sum.GetProperty("seconds").GetDouble();
    }

    private async Task<JsonDocument> BetweenGuestsAsync(string options, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            JsonDocument report = Parse(await CommandAsync(1, $"iperf3 -c {Guest(2)} -t {Seconds} -J {options}", cancellation));
            if (!report.RootElement.TryGetProperty("error", out JsonElement error))
                return report;
            if (attempt == Attempts)
                throw new BenchException($"iperf3 between the guests failed: {error}");
            report.Dispose();
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    private async Task<double> IperfAsync(string path, CancellationToken cancellation, params string[] arguments)
    {
        using JsonDocument report = await ReportAsync(arguments, cancellation);
        JsonElement found = report.RootElement;
        foreach (string name in path.Split('.'))
            found = found.GetProperty(name);
        return found.GetDouble();
    }

    private async Task<JsonDocument> ReportAsync(string[] arguments, CancellationToken cancellation)
    {
        ProcessStartInfo start = Tool.Command(
            "iperf3", ["-c", Guest(1), "-J", "-t", Seconds.ToString(CultureInfo.InvariantCulture), .. arguments]);
        for (int attempt = 1; ; attempt++)
        {
            using Process iperf = Namespace.Run(() => Tool.Start(start));
            string output = await iperf.StandardOutput.ReadToEndAsync(cancellation);
            await iperf.WaitForExitAsync(cancellation);
            JsonDocument report = Parse(output);
            if (!report.RootElement.TryGetProperty("error", out JsonElement error))
                return report;

            // The server has only just started, or is still busy with the end of the last measure.
            if (attempt == Attempts)
                throw new BenchException($"iperf3 {string.Join(' ', start.ArgumentList)} failed: {error}");
            report.Dispose();
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    private static JsonDocument Parse(string output)
    {
        try
        {
            return JsonDocument.Parse(output);
        }
        catch (JsonException)
        {
            throw new BenchException($"iperf3 has not reported in JSON but: {output}");
        }
    }

    private static void Fill(byte[] echo, ushort number)
    {
        Array.Clear(echo);
        echo[0] = 8;
        (echo[6], echo[7]) = ((byte)(number >> 8), (byte)number);
        int sum = (echo[0] << 8) + number;
        sum = ~((sum & 0xffff) + (sum >> 16));
        (echo[2], echo[3]) = ((byte)(sum >> 8), (byte)sum);
    }
}
