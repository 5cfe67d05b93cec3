using System.Net.Sockets;
using System.Text.Json;
using Hospes.Host.DomainProcess;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains.Spares;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Processes;

/// <summary>
/// Gives domains their processes: the one that is kept ready, or a new one. The control socket is made and listening before the process has to do with the
/// domain and handed to it, so that connecting needs no waiting and no retries.
/// </summary>
internal sealed class DomainProcessLauncher(HostPaths paths, DomainProcessStarter starter, SpareProcesses spares)
{
    /// <summary>The control socket's name in a domain's directory.</summary>
    public const string ControlSocketName = "control.sock";

    /// <summary>The console socket's name in a domain's directory.</summary>
    public const string ConsoleSocketName = "console.sock";

    /// <summary>The file in a domain's directory that holds its process's number.</summary>
    public const string PidFileName = "pid";

    /// <summary>How many Hosts may come and go while a process does not answer, which may be stopped.</summary>
    private const int Backlog = 64;

    /// <summary>Writes what the process needs into the domain's directory (which exists) and has one begin with it.</summary>
    /// <param name="launch">The domain.</param>
    /// <param name="kernel">A memory file for its kernel; stays the caller's. Null: the process unpacks it for itself.</param>
    /// <exception cref="IOException">The directory cannot be written, or the process not started.</exception>
    public DomainProcessClient Launch(DomainLaunch launch, SafeFileHandle? kernel)
    {
        string directory = paths.Domain(launch.Domain.DomainId);
        string log = paths.DomainLog(launch.Domain.Name);
        string socketPath = Path.Combine(directory, ControlSocketName);
        File.WriteAllBytes(
            Path.Combine(directory, DomainLaunch.FileName), JsonSerializer.SerializeToUtf8Bytes(launch, ControlJson.Default.DomainLaunch));
        using Socket listener = OwnerOnlySocket.Listen(socketPath, backlog: Backlog);
        int[] descriptors = [(int)listener.SafeHandle.DangerousGetHandle(), .. kernel is null ? (int[])[] : [(int)kernel.DangerousGetHandle()]];
        string[] words = ["domain", "--directory", directory, "--listen-fd", "3", .. kernel is null ? (string[])[] : ["--kernel-fd", "4"], "--name", launch.Domain.Name];
        ProcessHandle process = spares.Take()?.Become(new SpareOrders(directory, log), descriptors) ?? starter.Start(words, log, descriptors);

        // Now, beside this domain's own work: the next one may be asked for as soon as this one is there.
        spares.Prepare();
        try
        {
            File.WriteAllText(Path.Combine(directory, PidFileName), $"{process.Id}\n");
            return DomainProcessClient.Connect(process, socketPath, launch.Domain.Name, log);
        }
        catch (IOException)
        {
            process.Signal(Libc.SignalKill);
            process.Dispose();
            throw;
        }
    }
}
