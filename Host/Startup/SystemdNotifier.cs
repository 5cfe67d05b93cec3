using System.Net.Sockets;
using System.Text;

namespace Hospes.Host.Startup;

/// <summary>
/// Tells a service manager how far we are (sd_notify(3)): a datagram to the socket named by <c>NOTIFY_SOCKET</c>, abstract when it begins with @.
/// Without that variable nothing is sent.
/// </summary>
internal sealed class SystemdNotifier(string? socketName)
{
    /// <summary>The notifier of this process's environment.</summary>
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>All servers are listening.</summary>
    public void Ready() => Send($"READY=1\nMAINPID={Environment.ProcessId}\n");

    /// <summary>A stop has begun.</summary>
    public void Stopping() => Send("STOPPING=1\n");

    /// <summary>One line about the present state.</summary>
    public void Status(string text) => Send($"STATUS={text.ReplaceLineEndings(" ")}\n");

    private void Send(string state)
    {
        if (string.IsNullOrEmpty(socketName))
            return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            string name = socketName.StartsWith('@') ? "\0" + socketName[1..] : socketName;
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(name));
        }
        catch (SocketException)
        {
            // A manager that went away loses its notice; the daemon works on without it.
        }
    }
}
