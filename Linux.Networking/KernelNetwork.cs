using Hospes.Linux.Networking.Links;
using Hospes.Linux.Networking.Netlink;

namespace Hospes.Linux.Networking;

/// <summary>The kernel's network configuration in one namespace. Any thread.</summary>
public sealed class KernelNetwork : IDisposable
{
    private readonly NetworkNamespace? _namespace;
    private readonly NetlinkSocket _socket;

    /// <summary>That of a namespace (which is not taken over), or of the calling thread's own.</summary>
    /// <exception cref="NetworkException">There is no way to the kernel.</exception>
    public KernelNetwork(NetworkNamespace? networkNamespace = null)
    {
        _namespace = networkNamespace;
        _socket = networkNamespace is null ? new NetlinkSocket() : networkNamespace.Run(static () => new NetlinkSocket());
        Links = new LinkTable(_socket);
        Addresses = new AddressTable(_socket, Links);
        Routes = new RouteTable(_socket, Links);
        Neighbours = new NeighbourTable(_socket, Links);
    }

    /// <summary>Interfaces.</summary>
    public LinkTable Links { get; }

    /// <summary>Their addresses.</summary>
    public AddressTable Addresses { get; }

    /// <summary>Ways to networks.</summary>
    public RouteTable Routes { get; }

    /// <summary>Who has which address.</summary>
    public NeighbourTable Neighbours { get; }

    /// <summary>Does something that depends on the calling thread's namespace.</summary>
    public T Inside<T>(Func<T> work) => _namespace is null ? work() : _namespace.Run(work);

    /// <summary>As the other.</summary>
    public void Inside(Action work) => Inside(() =>
    {
        work();
        return true;
    });

    /// <summary>A switch of the kernel, such as <c>net/ipv4/ip_forward</c>.</summary>
    public string ReadSwitch(string name) => Inside(() => Sysctl.Read(name));

    /// <summary>Sets a switch of the kernel.</summary>
    /// <exception cref="IOException">There is none of that name, or it may not be set.</exception>
    public void WriteSwitch(string name, string value) => Inside(() => Sysctl.Write(name, value));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
