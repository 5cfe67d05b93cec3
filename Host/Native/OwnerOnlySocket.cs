using System.Net.Sockets;
using System.Text;

namespace Hospes.Host.Native;

/// <summary>
/// Unix sockets that only their owner may use, from their first moment. Made by the C library's calls: the framework's sockets remove their file
/// when they are closed, which a socket that is handed to another process must not.
/// </summary>
internal static unsafe class OwnerOnlySocket
{
    /// <summary>Longest path the kernel takes (unix(7): 108 bytes with the final zero).</summary>
    public const int MaximumPath = 107;

    private const int UnixFamily = 1;
    private const int StreamType = 1;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes a listening stream socket with mode 0600; a socket left there by an appliance that is no more is replaced.</summary>
    /// <exception cref="IOException">The path cannot be bound.</exception>
    public static Socket Listen(string path, int backlog)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > MaximumPath)
            throw new IOException($"the socket's path {path} has {name.Length} bytes, and Linux allows {MaximumPath}: choose a shorter root directory");
        File.Delete(path);

        // struct sockaddr_un: u16 family, then the path, zero-terminated.
        Span<byte> address = stackalloc byte[2 + MaximumPath + 1];
        address.Clear();
        address[0] = UnixFamily;
        name.CopyTo(address[2..]);
        int fd = Libc.Socket(UnixFamily, StreamType | CloseOnExec, 0);
        if (fd < 0)
            throw Libc.Failure("cannot make a socket");
        fixed (byte* bytes = address)
        {
            // The mode of a socket's file is that of the descriptor at the time of bind(2), less the umask.
            if (Libc.Fchmod(fd, 0x180) != 0 || Libc.Bind(fd, bytes, (uint)(2 + name.Length + 1)) != 0 || Libc.Listen(fd, backlog) != 0)
            {
                IOException failure = Libc.Failure($"cannot listen on the socket {path}");
                Libc.Close(fd);
                throw failure;
            }
        }

        return new Socket(new SafeSocketHandle(fd, ownsHandle: true));
    }
}
