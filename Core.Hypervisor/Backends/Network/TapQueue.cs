using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// One queue of the tap that is the device's other end (Linux, Documentation/networking/tuntap.rst): frames with a <see cref="VirtioHeader"/> before
/// each. The control plane has made it; its descriptor does not block.
/// </summary>
internal sealed unsafe class TapQueue(SafeFileHandle queue) : IDisposable
{
    private const int Eintr = 4;
    private const nuint SetOffload = 0x400454d0; // TUNSETOFFLOAD
    private const nuint SetQueue = 0x400454d9; // TUNSETQUEUE
    private const short Attach = 0x200; // IFF_ATTACH_QUEUE
    private const short Detach = 0x400; // IFF_DETACH_QUEUE
    private const int Einval = 22;

    private readonly int _descriptor = (int)queue.DangerousGetHandle();

    /// <summary>For waiting.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>There is a frame to read.</summary>
    internal bool HasFrame
    {
        get
        {
            PollEntry entry = new() { Descriptor = _descriptor, Events = Libc.PollIn };
            long* atOnce = stackalloc long[2] { 0, 0 }; // struct timespec
            return Libc.Ppoll(&entry, 1, atOnce, null) > 0;
        }
    }

    /// <summary>Says which unfinished work the other end takes: TUN_F_CSUM 1, TSO4 2, TSO6 4. For the whole tap.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal void SetOffloads(uint offloads)
    {
        if (Libc.Ioctl(_descriptor, SetOffload, (void*)(nuint)offloads) != 0)
            throw Libc.Failure($"cannot set the tap's offloads to {offloads}");
    }

    /// <summary>Whether the kernel puts frames into this queue.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal void SetAttached(bool attached)
    {
        // struct ifreq: flags behind a name of 16 bytes. A queue that is as it should be already is refused with EINVAL.
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        *(short*)(request + 16) = attached ? Attach : Detach;
        if (Libc.Ioctl(_descriptor, SetQueue, request) != 0 && Marshal.GetLastPInvokeError() != Einval)
            throw Libc.Failure(attached ? "cannot open a queue of the tap" : "cannot close a queue of the tap");
    }

    /// <summary>Reads a frame. Its length with header; 0: there is none.</summary>
    internal int Read(IoVector* vectors, int count)
    {
        while (true)
        {
            nint read = Libc.Readv(_descriptor, vectors, count);
            if (read >= 0)
                return (int)read;
            int error = Marshal.GetLastPInvokeError();
            if (error != Eintr)
                return 0; // none, or an interface that is down or gone: its end is the control plane's to see
        }
    }

    /// <summary>Writes a frame. False: the kernel did not take it.</summary>
    internal bool Write(IoVector* vectors, int count)
    {
        while (true)
        {
            if (Libc.Writev(_descriptor, vectors, count) >= 0)
                return true;
            if (Marshal.GetLastPInvokeError() is not Eintr)
                return false;
        }
    }

    public void Dispose() => queue.Dispose();
}
