using System.Net.Sockets;
using System.Text;

namespace Hospes.Xm.Tests;

/// <summary>The guest's side of a console: a Unix socket and the first client that comes.</summary>
internal sealed class FakeConsole : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lazy<Socket> _client;

    public FakeConsole(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _client = new Lazy<Socket>(_listener.Accept);
    }

    public void Say(string text) => _client.Value.Send(Encoding.UTF8.GetBytes(text));

    public string Hear(int count)
    {
        byte[] buffer = new byte[count];
        for (int done = 0; done < count;)
        {
            int got = _client.Value.Receive(buffer.AsSpan(done));
            got.Should().BePositive();
            done += got;
        }

        return Encoding.UTF8.GetString(buffer);
    }

    /// <summary>The guest shuts down.</summary>
    public void Close() => _client.Value.Dispose();

    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
        _listener.Dispose();
    }
}
