using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>libbz2's <c>bz_stream</c> (bzip2 manual, section 3.2), as laid out on x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Bzip2Stream
{
    public byte* NextIn;
    public uint AvailableIn;
    public uint TotalInLow;
    public uint TotalInHigh;
    public byte* NextOut;
    public uint AvailableOut;
    public uint TotalOutLow;
    public uint TotalOutHigh;
    public void* State;
    public void* Allocate;
    public void* Free;
    public void* Opaque;
}
