using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Fuzz;

/// <summary>Clients that mean harm, or know no better, at a real daemon's sockets: it answers or hangs up, and goes on serving others.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private const int Bounded = 300;

    /// <summary>How long an answer to nonsense is waited for: there need not be one before the server's own limits.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Requests =
    [
        "GET /v1/domains HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/domains/0/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/domains HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n(vm a\r\n0\r\n\r\n",
        "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 56\r\n\r\n<methodCall><methodName>xend.node.info</methodName></methodCall>",
        "POST /xend/domain/0 HTTP/1.0\r\nContent-Length: 8\r\n\r\nop=pause",
        "GET /xend/domain/%2e%2e/?op=vcpuinfo HTTP/1.1\r\nHost: x\r\n\r\n",
    ];

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task Broken_requests()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("HOSPES_FUZZ_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : Bounded;
        int seed = Environment.TickCount & 0xfffffff;
        int answered = 0;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (run, _) =>
        {
            string text = new Mutations(seed + run).Change(Requests);
            using Socket client = await ConnectAsync(run % 2 == 0 ? _appliance.Paths.ApiSocket : _appliance.Paths.XmlRpcSocket);
            if (await ExchangeAsync(client, Encoding.UTF8.GetBytes(text), Glance) > 0)
                Interlocked.Increment(ref answered);
        });

        answered.Should().BePositive($"seed {seed}");
        await ServesAsync();
        (await File.ReadAllTextAsync(_appliance.Paths.XendLog)).Should().NotContain("CRITICAL");
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_keep_nobody_out()
    {
        List<Socket> silent = [];
        try
        {
            for (int number = 0; number < 1000; number++)
                silent.Add(await ConnectAsync(_appliance.Paths.ApiSocket));
            await ServesAsync();
        }
        finally
        {
            silent.ForEach(static socket => socket.Dispose());
        }

        await ServesAsync();
    }

    [Fact]
    public async Task A_head_that_never_ends_and_a_body_that_trickles_are_given_up()
    {
        using Socket slowHead = await ConnectAsync(_appliance.Paths.ApiSocket);
        using Socket slowBody = await ConnectAsync(_appliance.Paths.ApiSocket);
        Task<int> head = ExchangeAsync(slowHead, "GET /v1/domains HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray(), Patience);
        Task<int> body = ExchangeAsync(slowBody, "POST /v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n(vm"u8.ToArray(), Patience);
        await ServesAsync();
        await Task.WhenAll(head, body).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_body_of_gigabytes_is_refused_by_its_announcement()
    {
        using Socket client = await ConnectAsync(_appliance.Paths.ApiSocket);
        (await ExchangeAsync(client, "POST /v1/domains HTTP/1.1\r\nHost: x\r\nContent-Length: 10737418240\r\n\r\n(vm"u8.ToArray(), Patience)).Should().BePositive();
        await ServesAsync();
    }

    private async Task ServesAsync() => ((int)(await _appliance.GetAsync("v1/status"))["pid"]!).Should().Be(_appliance.Daemon.Id);

    private static Task<Socket> ConnectAsync(string path) => Task.Run(() => Connect(path)).WaitAsync(Patience);

    // Not asynchronously: this way it waits while the queue is full.
    private static Socket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    /// <summary>Sends, and reads until the other side is done. Answers how many bytes came.</summary>
    private static async Task<int> ExchangeAsync(Socket socket, byte[] request, TimeSpan patience)
    {
        byte[] buffer = new byte[4096];
        int total = 0;
        try
        {
            await socket.SendAsync(request);
            using CancellationTokenSource limit = new(patience);
            for (int count; (count = await socket.ReceiveAsync(buffer, limit.Token)) > 0;)
                total += count;
        }
        catch (OperationCanceledException) when (patience == Glance)
        {
            // It waits for the rest of what is none.
        }
        catch (SocketException)
        {
            // Hung up on: that is an answer, too.
        }

        return total;
    }
}
