using System.Diagnostics;

namespace Hospes.Bench.Guests;

/// <summary>An appliance of its own for the measure, on a root that is thrown away: what the person runs is neither measured nor disturbed.</summary>
internal sealed class Appliance : IAsyncDisposable
{
    private readonly BenchOptions _options;

    private Appliance(BenchOptions options, string root) => (_options, Root) = (options, root);

    public string Root { get; }

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
        await Tool.RunAsync(Command(_options.HostProgram, "xend", "stop", "--destroy-domains"), CancellationToken.None);
        Directory.Delete(Root, recursive: true);
    }
}
