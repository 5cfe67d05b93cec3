using System.Net.Sockets;
using System.Text;
using Hospes.Host.Logging;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Logging;

public sealed class JournalSocketTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_entry_has_fields_and_names_its_domain()
    {
        using Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        journal.Bind(new UnixDomainSocketEndPoint(_directory.File("socket")));
        using JournalSocket writer = JournalSocket.TryOpen(_directory.File("socket"))!;
        writer.TryWrite(6, "DomainLifecycle", 42, "domain web/1 (3) has been restarted").Should().BeTrue();
        Receive(journal).Should().Be(
            "MESSAGE=domain web/1 (3) has been restarted\nPRIORITY=6\nSYSLOG_IDENTIFIER=xend\nCODE_LINE=42\nHOSPES_MODULE=DomainLifecycle\nHOSPES_DOMAIN=web/1\nHOSPES_DOMID=3\n");
        writer.TryWrite(3, "Daemon", 1, "two\nlines").Should().BeTrue();
        Receive(journal).Should().StartWith("MESSAGE\n\u0009\0\0\0\0\0\0\0two\nlines\nPRIORITY=3\n");
    }

    [Fact]
    public void Without_a_journal_there_is_none()
    {
        JournalSocket.TryOpen(_directory.File("nothing")).Should().BeNull();
        using (Socket gone = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified))
            gone.Bind(new UnixDomainSocketEndPoint(_directory.File("gone")));
        File.WriteAllText(_directory.File("gone"), "");
        using JournalSocket writer = JournalSocket.TryOpen(_directory.File("gone"))!;
        writer.TryWrite(6, "x", 1, "y").Should().BeFalse();
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
