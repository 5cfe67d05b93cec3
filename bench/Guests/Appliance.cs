using System.Diagnostics;
using System.Net.Sockets;

namespace Hospes.Bench.Guests;

/// <summary>An appliance of its own for the measure, on a root that is thrown away: what the person runs is neither measured nor disturbed.</summary>
internal sealed class Appliance : IAsyncDisposable
{
    private readonly BenchOptions _options;

    private Appliance(BenchOptions options, string root)
    {
        (_options, Root) = (options, root);
        string socket = Path.Combine(root, "var/run/xend/xend.sock");
        Api = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://xend/") };
    }

    public string Root { get; }

    /// <summary>xend's API, for what is asked too often or too exactly to start a tool for it.</summary>
    public HttpClient Api { get; }

    public static async Task<Appliance> StartAsync(
        BenchOptions options, CancellationToken cancellation, string? configuration = null, params string[] startOptions)
    {
        Appliance appliance = new(options, Directory.CreateTempSubdirectory("hospes-bench-").FullName);
        try
        {
            if (configuration is not null)
            {
                string directory = Directory.CreateDirectory(Path.Combine(appliance.Root, "etc/xen")).FullName;
                await File.WriteAllTextAsync(Path.Combine(directory, "xend-config.sxp"), configuration, cancellation);
            }

            await Tool.RunAsync(appliance.Command(options.HostProgram, ["xend", "start", .. startOptions]), cancellation);
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync();
            throw;
        }
    }

    /// <summary>One directory for each domain, with its process's number in it.</summary>
    public string Domains => Path.Combine(Root, "var/run/xend/domains");

    /// <summary>A tool that works on this appliance.</summary>
    public ProcessStartInfo Command(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo command = Tool.Command(program, arguments);
        command.Environment["HOSPES_ROOT"] = Root;
        return command;
    }

    public ProcessStartInfo Xm(params IEnumerable<string> arguments) => Command(_options.XmProgram, arguments);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Tool.RunAsync(Command(_options.HostProgram, "xend", "stop", "--destroy-domains"), CancellationToken.None);
        Directory.Delete(Root, recursive: true);
    }
}
