using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Common;

/// <summary>The namespace that a request is about, open for the time of one call.</summary>
internal sealed class NetworkSession : IDisposable
{
    private readonly NetworkNamespace? _namespace;

    internal NetworkSession(NetworkRequest request)
    {
        _namespace = request.NamespacePath is { } path ? NetworkNamespace.Open(path) : null;
        Kernel = new KernelNetwork(_namespace);
        Filter = new PacketFilter(Kernel);
    }

    /// <summary>Its configuration.</summary>
    internal KernelNetwork Kernel { get; }

    /// <summary>Its filters.</summary>
    internal PacketFilter Filter { get; }

    public void Dispose()
    {
        Kernel.Dispose();
        _namespace?.Dispose();
    }
}
