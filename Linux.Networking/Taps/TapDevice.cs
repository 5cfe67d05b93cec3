using System.Text;
using Hospes.Linux.Networking.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Linux.Networking.Taps;

/// <summary>
/// An Ethernet interface whose other end is a descriptor for each of its queues (Linux, Documentation/networking/tuntap.rst). It lives as long as one of
/// these is open in any process, so that what served it and died leaves nothing. Each frame has a virtio-net header of 12 bytes before it.
/// </summary>
public sealed unsafe class TapDevice : IDisposable
{
    /// <summary>Bytes of the header before each frame (struct virtio_net_hdr_v1).</summary>
    public const int HeaderSize = 12;

    /// <summary>Queues at most.</summary>
    public const int MaximumQueues = 16;

    private const nuint SetInterface = 0x400454ca; // TUNSETIFF
    private const nuint SetHeaderSize = 0x400454d8; // TUNSETVNETHDRSZ
    private const nuint SetOffload = 0x400454d0; // TUNSETOFFLOAD
    private const short Tap = 2, NoInformation = 0x1000, VirtioHeader = 0x4000, MultiQueue = 0x100, Exclusive = unchecked((short)0x8000);

    private TapDevice(string name, SafeFileHandle[] queues)
    {
        Name = name;
        Queues = queues;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The other ends, one for each queue; non-blocking.</summary>
    public IReadOnlyList<SafeFileHandle> Queues { get; }

    /// <summary>Makes an interface, which is down, in the calling thread's namespace.</summary>
    /// <exception cref="NetworkException">The name is taken, the right to do so is missing, or the kernel has no taps.</exception>
    public static TapDevice Create(string name, int queues)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queues, MaximumQueues);
        List<SafeFileHandle> opened = [];
        try
        {
            for (int queue = 0; queue < queues; queue++)
                opened.Add(OpenQueue(name, isFirst: queue == 0));
            return new TapDevice(name, [.. opened]);
        }
        catch
        {
            opened.ForEach(static queue => queue.Dispose());
            throw;
        }
    }

    /// <summary>Says which unfinished work may be handed to the other end: checksums to fill in, segments to cut.</summary>
    /// <exception cref="NetworkException">The kernel does not know one of them.</exception>
    public static void SetOffloads(SafeFileHandle queue, TapOffloads offloads)
    {
        if (Libc.Ioctl(queue, SetOffload, (void*)(nuint)(uint)offloads) != 0)
            throw NetworkException.Last($"cannot set the offloads of a tap to {offloads}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle queue in Queues)
            queue.Dispose();
    }

    private static SafeFileHandle OpenQueue(string name, bool isFirst)
    {
        int descriptor = Libc.Open("/dev/net/tun", Libc.OpenReadWrite | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0)
            throw NetworkException.Last($"cannot make the interface {name}: /dev/net/tun cannot be opened");
        SafeFileHandle queue = new(descriptor, ownsHandle: true);

        // struct ifreq: the name in 16 bytes, then the flags. Exclusive only for the first: the others join it.
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, Links.LinkTable.LongestName));
        short flags = Tap | NoInformation | VirtioHeader | MultiQueue;
        *(short*)(request + 16) = isFirst ? (short)(flags | Exclusive) : flags;
        int size = HeaderSize;
        if (Libc.Ioctl(queue, SetInterface, request) == 0 && Libc.Ioctl(queue, SetHeaderSize, &size) == 0)
            return queue;
        NetworkException failure = NetworkException.Last($"cannot make the interface {name}");
        queue.Dispose();
        throw failure;
    }
}
