using System.Net.Sockets;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Native;
using Hospes.Host.Scheduling;
using Hospes.Host.Xenstore;

namespace Hospes.Host.Domains.Processes;

/// <summary>Puts a domain's process under this Host: hands it the doorbells of this Host's pCPUs, and a connection to its store.</summary>
internal sealed class DomainAttacher(XenstoreServer xenstore, SchedulerService scheduler)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Does it.</summary>
    /// <exception cref="XendException">The process does not answer, or refuses.</exception>
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
    }
}
