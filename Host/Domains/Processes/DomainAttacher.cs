using System.Net.Sockets;
using Hospes.Host.Api.Listeners;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Native;
using Hospes.Host.Scheduling;
using Hospes.Host.Xenstore;

namespace Hospes.Host.Domains.Processes;

/// <summary>
/// Puts a domain's process under this Host: hands it the doorbells of this Host's pCPUs and a connection to its store, and opens its console to those who
/// may use xend.
/// </summary>
internal sealed class DomainAttacher(HostPaths paths, XenstoreServer xenstore, SchedulerService scheduler, SocketAccess access)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Does it.</summary>
    /// <exception cref="XendException">The process does not answer, or refuses.</exception>
    /// <exception cref="IOException">This user may not give files to the configured group.</exception>
    public async Task AttachAsync(ManagedDomain domain, DomainProcessClient process, CancellationToken cancellation)
    {
        (Socket ours, Socket theirs) = SocketPair.Create();
        using (theirs)
        {
            _ = xenstore.ServeDomain(domain.Id, ours);
            int doorbell = (int)scheduler.DoorbellHandle.DangerousGetHandle();
            int storeEnd = (int)theirs.SafeHandle.DangerousGetHandle();
            await process.RequestAsync(static id => new ControlMessage.Attach { Id = id }, [doorbell, storeEnd], Timeout, cancellation);
        }

        OpenConsole(paths.Domain(domain.Id.Value));
    }

    // The other files there are their owner's alone by their own modes. A console plugin need not have a socket.
    private void OpenConsole(string directory)
    {
        string socket = Path.Combine(directory, DomainProcessLauncher.ConsoleSocketName);
        if (!File.Exists(socket))
            return;
        access.Open(paths.Domains);
        access.Open(directory);
        access.Admit(socket);
    }
}
