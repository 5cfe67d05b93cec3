using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>liblzma's <c>lzma_stream</c> (lzma/base.h of liblzma 5), as laid out on x86-64: 136 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LzmaStream
{
    public byte* NextIn;
    public nuint AvailableIn;
    public ulong TotalIn;
    public byte* NextOut;
    public nuint AvailableOut;
    public ulong TotalOut;
    public void* Allocator;
    public void* Internal;
    public fixed ulong Reserved[9];
}
