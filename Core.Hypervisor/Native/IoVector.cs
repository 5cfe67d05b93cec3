using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal void* Base;
    internal nuint Length;

    internal IoVector(void* start, int length)
    {
        Base = start;
        Length = (nuint)length;
    }
}
