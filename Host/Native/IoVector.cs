using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary><c>struct iovec</c>, readv(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    /// <summary><c>iov_base</c>.</summary>
    public byte* Base;

    /// <summary><c>iov_len</c>.</summary>
    public nuint Length;
}
