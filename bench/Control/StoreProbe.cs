using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Hospes.Bench.Control;

/// <summary>Counts the nodes of a store by its wire protocol.</summary>
internal sealed class StoreProbe : IDisposable
{
    private const uint Directory = 1;
    private const uint Error = 16;
    private const int HeaderSize = 16;

    private readonly NetworkStream _stream;

    public StoreProbe(string socketPath)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Nodes at and below a path.</summary>
    public int Count(string path = "/") => 1 + List(path).Sum(name => Count(path == "/" ? $"/{name}" : $"{path}/{name}"));

    public void Dispose() => _stream.Dispose();

    private string[] List(string path)
    {
        byte[] message = new byte[HeaderSize + path.Length + 1];
        BinaryPrimitives.WriteUInt32LittleEndian(message, Directory);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), (uint)path.Length + 1);
        Encoding.ASCII.GetBytes(path, message.AsSpan(HeaderSize));
        _stream.Write(message);
        byte[] header = new byte[HeaderSize];
        _stream.ReadExactly(header);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12))];
        _stream.ReadExactly(answer);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == Error ? [] : Encoding.ASCII.GetString(answer).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }
}
