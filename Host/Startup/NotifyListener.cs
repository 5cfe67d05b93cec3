using System.Net.Sockets;
using System.Text;

namespace Hospes.Host.Startup;

/// <summary>
/// The other side of <see cref="SystemdNotifier"/>: how <c>xend start</c> learns that the daemon it started is listening. An abstract socket, so that
/// no file is left behind.
/// </summary>
internal sealed class NotifyListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <summary>Begins to listen.</summary>
    public NotifyListener()
    {
        string name = $"hospes-notify-{Environment.ProcessId}-{Guid.NewGuid():N}";
        _socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
        Name = "@" + name;
    }

    /// <summary>What to set <c>NOTIFY_SOCKET</c> to.</summary>
    public string Name { get; }

    /// <summary>Waits until the daemon says that it is ready.</summary>
    public async Task WaitReadyAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellation);
            string[] lines = Encoding.UTF8.GetString(buffer, 0, count).Split('\n');
            if (lines.Contains("READY=1", StringComparer.Ordinal))
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
