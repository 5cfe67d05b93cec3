using System.Net.Sockets;
using System.Text.Json;
using Hospes.Host.DomainProcess;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Machine;
using Hospes.Host.Native;

namespace Hospes.Host.Domains.Processes;

/// <summary>
/// Starts domain processes. The control socket is made and listening before the process exists and handed to it, so that connecting needs no
/// waiting and no retries.
/// </summary>
internal sealed class DomainProcessLauncher(HostPaths paths, Domain0Cpus cpus)
{
    /// <summary>The control socket's name in a domain's directory.</summary>
    public const string ControlSocketName = "control.sock";

    /// <summary>The console socket's name in a domain's directory.</summary>
    public const string ConsoleSocketName = "console.sock";

    /// <summary>The file in a domain's directory that holds its process's number.</summary>
    public const string PidFileName = "pid";

    /// <summary>How many Hosts may come and go while a process does not answer, which may be stopped.</summary>
    private const int Backlog = 64;

    /// <summary>Small heaps: a domain process is to stay within 100 MiB above its guest's RAM.</summary>
    private static readonly IReadOnlyDictionary<string, string?> DomainEnvironment = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCgen0size"] = "100000", // hexadecimal: 1 MiB, whatever the host's caches are
        ["DOTNET_GCgen0MaxBudget"] = "100000",
        ["DOTNET_GCRegionSize"] = "40000", // hexadecimal: 256 KiB, so that a heap of a few MiB does not hold tens
        ["DOTNET_GCConserveMemory"] = "5",
        ["MALLOC_ARENA_MAX"] = "1", // the C library's heaps, which the JIT compiler fills and empties, give back what they can
        ["MALLOC_TRIM_THRESHOLD_"] = "131072",
        ["MALLOC_MMAP_THRESHOLD_"] = "32768",
        ["DOTNET_TieredPGO"] = "0", // what is not compiled ahead is compiled quickly, and well once it is hot: half of a start is compiling
        ["DOTNET_EnableDiagnostics"] = "0", // no diagnostics socket in /tmp for each guest
        ["NOTIFY_SOCKET"] = null,
        ["JOURNAL_STREAM"] = null,
    };

    /// <summary>Writes what the process needs into the domain's directory (which exists) and starts it.</summary>
    /// <exception cref="IOException">The directory cannot be written, or the process not started.</exception>
    public DomainProcessClient Launch(DomainLaunch launch)
    {
        string directory = paths.Domain(launch.Domain.DomainId);
        string socketPath = Path.Combine(directory, ControlSocketName);
        File.WriteAllBytes(
            Path.Combine(directory, DomainLaunch.FileName), JsonSerializer.SerializeToUtf8Bytes(launch, ControlJson.Default.DomainLaunch));
        using Socket listener = OwnerOnlySocket.Listen(socketPath, backlog: Backlog);
        (string executable, string[] arguments) = HostExecutable.Command(
            "domain", "--directory", directory, "--listen-fd", "3", "--name", launch.Domain.Name);
        ProcessHandle process = cpus.StartUnconfined(() => ProcessStarter.Start(new ProcessStart(executable, arguments, paths.DomainLog(launch.Domain.Name))
        {
            Environment = DomainEnvironment,
            Inherited = [(int)listener.SafeHandle.DangerousGetHandle()],
        }));
        try
        {
            File.WriteAllText(Path.Combine(directory, PidFileName), $"{process.Id}\n");
            return DomainProcessClient.Connect(process, socketPath, launch.Domain.Name, paths.DomainLog(launch.Domain.Name));
        }
        catch (IOException)
        {
            process.Signal(Libc.SignalKill);
            process.Dispose();
            throw;
        }
    }
}
