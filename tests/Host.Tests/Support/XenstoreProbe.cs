using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Hospes.Host.Tests.Support;

/// <summary>Looks into the store from outside, by its wire protocol (fact sheet "xend", section 10).</summary>
internal sealed class XenstoreProbe(string socketPath)
{
    private const uint Directory = 1;
    private const uint ReadNode = 2;
    private const uint GetPermissions = 3;
    private const uint Error = 16;

    public string? Read(string path) => Ask(ReadNode, path) is { } value ? Encoding.UTF8.GetString(value) : null;

    public string[] List(string path) => Words(Ask(Directory, path));

    public string[] Permissions(string path) => Words(Ask(GetPermissions, path));

    private static string[] Words(byte[]? value) =>
        value is null ? [] : Encoding.UTF8.GetString(value).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private byte[]? Ask(uint type, string path)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        using NetworkStream stream = new(socket);
        byte[] payload = Encoding.UTF8.GetBytes(path + "\0");
        byte[] header = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), (uint)payload.Length);
        stream.Write([.. header, .. payload]);
        stream.ReadExactly(header);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12))];
        stream.ReadExactly(answer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Error)
            return answer;
        string error = Encoding.ASCII.GetString(answer).TrimEnd('\0');
        return error == "ENOENT" ? null : throw new IOException($"the store answers {error} for {path}");
    }
}
