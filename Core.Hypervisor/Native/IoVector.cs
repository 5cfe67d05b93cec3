using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Base;
    internal nuint Length;

    internal IoVector(void* start, int length)
    {
        Base = (byte*)start;
        Length = (nuint)length;
    }
}
