using System.Net.Sockets;

namespace Hospes.Host.Native;

/// <summary>Two Unix stream sockets that are connected to each other.</summary>
internal static unsafe class SocketPair
{
    private const int UnixFamily = 1;
    private const int StreamCloseOnExec = 1 | 0x80000;

    /// <summary>Makes a pair.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static (Socket Ours, Socket Theirs) Create()
    {
        int* ends = stackalloc int[2];
        if (Libc.Socketpair(UnixFamily, StreamCloseOnExec, 0, ends) != 0)
            throw Libc.Failure("cannot make a pair of sockets");
        return (new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)), new Socket(new SafeSocketHandle(ends[1], ownsHandle: true)));
    }
}
