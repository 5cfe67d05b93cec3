using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary><c>struct msghdr</c>, recvmsg(2), x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    /// <summary><c>msg_name</c>.</summary>
    public void* Name;

    /// <summary><c>msg_namelen</c>.</summary>
    public uint NameLength;

    /// <summary><c>msg_iov</c>.</summary>
    public IoVector* Vectors;

    /// <summary><c>msg_iovlen</c>.</summary>
    public nuint VectorCount;

    /// <summary><c>msg_control</c>.</summary>
    public byte* Control;

    /// <summary><c>msg_controllen</c>.</summary>
    public nuint ControlLength;

    /// <summary><c>msg_flags</c>.</summary>
    public int Flags;
}
