using Hospes.Host.Xenstore;

namespace Hospes.Host.Startup;

/// <summary>Opens the store's sockets and writes dom0's own nodes; closes them at the end.</summary>
internal sealed class XenstoreHostedService(HostPaths paths, XenstoreServer server) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Xenstore.Access.XenstoreClient store = server.Connect();
        store.Write("/local/domain/0/name", Domains.DomainTable.Domain0Name);
        store.Write("/local/domain/0/domid", "0");
        store.Write("/local/domain/0/vm", Domains.DomainStore.VmPath(Guid.Empty));
        store.Write($"{Domains.DomainStore.VmPath(Guid.Empty)}/name", Domains.DomainTable.Domain0Name);
        store.Write($"{Domains.DomainStore.VmPath(Guid.Empty)}/uuid", Guid.Empty.ToString());
        store.MakeDirectory("/tool");
        server.Start(paths.XenstoreRun);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => server.DisposeAsync().AsTask();
}
