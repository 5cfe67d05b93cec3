using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Hospes.Host.Startup;
using Hospes.Host.State;
using Hospes.Host.Verbs;
using Hospes.TestGuests;

namespace Hospes.Host.Tests.Support;

/// <summary>A real daemon in a process of its own, on a root of its own, with real plugins beside the engine that runs scripts.</summary>
internal sealed class Appliance : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _client;
    private ProcessHandle? _daemon;

    private Appliance()
    {
        Paths = new HostPaths(_directory.File("r"));
        Paths.Create();
        PluginsFile = _directory.File("plugins.json");
        File.WriteAllText(PluginsFile, TestPlugins.Json());
        _client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero, // daemons come and go
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Paths.ApiSocket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://xend/"),
            Timeout = Patience,
        };
    }

    public HostPaths Paths { get; }

    public string PluginsFile { get; }

    public bool IsRunning => _daemon is not null;

    public ProcessHandle Daemon => _daemon ?? throw new InvalidOperationException("the daemon is not running");

    public XenstoreProbe Store => new(Path.Combine(Paths.XenstoreRun, "socket"));

    /// <summary>Starts one.</summary>
    /// <param name="configuration">Its xend-config.sxp; null: none.</param>
    /// <param name="isSecure">With the security module.</param>
    /// <param name="prepare">Puts what that names where it belongs.</param>
    public static async Task<Appliance> StartAsync(string? configuration = null, Action<HostPaths>? prepare = null, bool isSecure = false)
    {
        Appliance appliance = Unstarted();
        if (isSecure)
            await File.WriteAllTextAsync(appliance.PluginsFile, TestPlugins.WithSecurity());
        prepare?.Invoke(appliance.Paths);
        if (configuration is not null)
            await File.WriteAllTextAsync(appliance.Paths.ConfigurationFile, configuration);
        await appliance.StartDaemonAsync();
        return appliance;
    }

    /// <summary>One whose daemon is yet to be started.</summary>
    public static Appliance Unstarted() => new();

    public async Task StartDaemonAsync(string? fault = null)
    {
        using NotifyListener listener = new();
        (string executable, string[] command) = HostProgram.Command("daemon", "--root", Paths.Root, "--plugins", PluginsFile, "--background");
        _daemon = ProcessStarter.Start(new ProcessStart(executable, command, Paths.XendDebugLog)
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = listener.Name, [FaultPoints.Variable] = fault },
        });
        using CancellationTokenSource limit = new(Patience);
        Task ready = listener.WaitReadyAsync(limit.Token);
        await Task.WhenAny(ready, _daemon.Exited);
        if (!ready.IsCompletedSuccessfully)
            throw new InvalidOperationException($"the daemon did not come up: {await File.ReadAllTextAsync(Paths.XendDebugLog)}");
    }

    public async Task StopDaemonAsync(int signal = Libc.SignalTerminate)
    {
        Daemon.Signal(signal);
        await Daemon.Exited.WaitAsync(Patience);
        Daemon.Dispose();
        _daemon = null;
    }

    /// <summary>Writes a guest whose code is a script for the scripted engine; answers its path.</summary>
    public string Kernel(string name, params ReadOnlySpan<byte> script)
    {
        string path = _directory.File(name);
        File.WriteAllBytes(path, TinyKernel.FromCode(script));
        return path;
    }

    /// <summary>Writes a guest that computes until <see cref="Temporary"/> has a file of this name, and then shuts down for a reason.</summary>
    public string KernelThatStops(string signal, uint reason) =>
        Kernel($"k-{signal}", [(byte)'G', .. Encoding.ASCII.GetBytes(Temporary(signal)), 0, (byte)'S', .. BitConverter.GetBytes(reason)]);

    public string Temporary(string name) => _directory.File(name);

    public static string Form(string name, string kernel, string extra = "") =>
        $"(vm (name {name}) (memory 16) (engine scripted) {extra} (image (linux (kernel '{kernel}'))))";

    public async Task<JsonNode> CreateAsync(string form, CancellationToken cancellation = default)
    {
        using StringContent content = new(form, Encoding.UTF8, "application/sxp");
        using HttpResponseMessage answer = await _client.PostAsync("v1/domains", content, cancellation);
        return await JsonAsync(answer);
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _client.GetAsync(path);
        return await JsonAsync(answer);
    }

    public Task<string> TextAsync(string path) => _client.GetStringAsync(path);

    public async Task<JsonNode> PostAsync(string path, object? body = null)
    {
        using JsonContent content = JsonContent.Create(body ?? new { });
        using HttpResponseMessage answer = await _client.PostAsync(path, content);
        return await JsonAsync(answer);
    }

    public async Task<JsonNode> PostTextAsync(string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PostAsync(path, content);
        return await JsonAsync(answer);
    }

    /// <summary>The state of a domain, or null when it is gone.</summary>
    public async Task<string?> StateAsync(string name)
    {
        try
        {
            return (string)(await GetAsync($"v1/domains/{name}"))["state"]!;
        }
        catch (FaultException fault) when (fault.Code == 3)
        {
            return null;
        }
    }

    public async Task WaitForStateAsync(string name, string? state)
    {
        string? seen = "nothing";
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource limit = new(Patience);
        try
        {
            while ((seen = await StateAsync(name)) != state)
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{name} is still {seen ?? "gone"}, not {state ?? "gone"}; log:\n{await File.ReadAllTextAsync(Paths.XendLog)}");
        }
    }

    /// <summary>Waits until a domain is there that was restarted so often.</summary>
    public async Task WaitForCountAsync(string name, int restarts)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            try
            {
                if ((int)(await GetAsync($"v1/domains/{name}"))["restartCount"]! == restarts)
                    return;
            }
            catch (FaultException fault) when (fault.Code == 3)
            {
                // Between two incarnations.
            }

            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Ends a domain's process at once.</summary>
    public void EndProcess(int domid)
    {
        using ProcessHandle process = ProcessHandle.TryOpen(ProcessOf(domid))!;
        process.Signal(Libc.SignalKill);
    }

    public int ProcessOf(int domid) => int.Parse(File.ReadAllText(Path.Combine(Paths.Domain((ushort)domid), "pid")));

    /// <summary>Nothing of a domain may be left: directory, store nodes, process.</summary>
    public void ShouldHaveNothingOf(int domid)
    {
        Directory.Exists(Paths.Domain((ushort)domid)).Should().BeFalse();
        Store.List("/local/domain").Should().NotContain(domid.ToString());
        Processes().Should().NotContain(line => line.Contains($"{Paths.Domain((ushort)domid)}\0", StringComparison.Ordinal));
    }

    /// <summary>Command lines of the processes that run for this appliance, but for one that is kept ready: it belongs to no domain, and ends with its daemon.</summary>
    public IEnumerable<string> Processes()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out _))
                continue;
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(directory, "cmdline"));
            }
            catch (IOException)
            {
                continue;
            }

            if (line.Contains(Paths.Root, StringComparison.Ordinal) && !line.Contains($"\0{SpareVerb.Name}\0", StringComparison.Ordinal))
                yield return line;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_daemon is not null)
            await StopDaemonAsync(Libc.SignalKill);

        // Domain processes outlive their daemon: that is what they are for.
        foreach (string directory in Directory.EnumerateDirectories(Paths.Domains))
        {
            if (LeftDomain.FindProcess(directory) is { } pid && ProcessHandle.TryOpen(pid) is { } process)
            {
                process.Signal(Libc.SignalKill);
                await process.Exited.WaitAsync(Patience);
                process.Dispose();
            }
        }

        _directory.Dispose();
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync();
        JsonNode body = JsonNode.Parse(text) ?? throw new JsonException("an empty answer");
        return answer.IsSuccessStatusCode ? body : throw new FaultException(answer.StatusCode, (int)body["code"]!, (string)body["message"]!);
    }
}
