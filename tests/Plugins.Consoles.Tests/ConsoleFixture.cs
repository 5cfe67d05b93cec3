using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Hospes.Consoles.Socket;
using Hospes.Sdk.Consoles;
using NetSocket = System.Net.Sockets.Socket;


namespace Hospes.Consoles;

/// <summary>A folder of its own for each test, and people who attach.</summary>
public sealed class ConsoleFixture : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly List<IDisposable> _open = [];

    public ConsoleFixture() => Folder = Directory.CreateTempSubdirectory("hospes-console-").FullName;

    public string Folder { get; }

    public string SocketPath => Path.Combine(Folder, "console.sock");

    public string LogPath => Path.Combine(Folder, "log", "guest-demo.log");

    public IConsole Open(int history = 4096, bool log = false)
    {
        IConsole console = new SocketConsoleBackend().Open(new ConsoleSettings("demo", SocketPath, log ? LogPath : null, history));
        _open.Add(console);
        return console;
    }

    public NetSocket Attach()
    {
        var socket = new NetSocket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        _open.Add(socket);
        return socket;
    }

    public static string Receive(NetSocket socket, int count)
    {
        byte[] buffer = new byte[count];
        for (int got = 0; got < count;)
        {
            int more = socket.Receive(buffer, got, count - got, SocketFlags.None);
            if (more == 0)
                throw new EndOfStreamException($"the console ended after {got} of {count} bytes: {Encoding.Latin1.GetString(buffer, 0, got)}");
            got += more;
        }
        return Encoding.Latin1.GetString(buffer);
    }

    /// <summary>Reads what people typed until <paramref name="count"/> bytes are there.</summary>
    public static string TakeTyped(IConsole console, int count)
    {
        using var arrived = new SemaphoreSlim(0);
        void Arrived() => arrived.Release();
        console.InputArrived += Arrived;
        byte[] buffer = new byte[count];
        int got = console.Read(buffer);
        while (got < count)
        {
            arrived.Wait(Patience).Should().BeTrue("the console announces input that arrives");
            got += console.Read(buffer.AsSpan(got));
        }
        console.InputArrived -= Arrived;
        return Encoding.Latin1.GetString(buffer);
    }

    public void Dispose()
    {
        _open.ForEach(one => one.Dispose());
        Directory.Delete(Folder, recursive: true);
    }
}
