using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Memory;

namespace Hospes.Hypervisor.Events;

/// <summary>
/// The page that hypervisor and guest share (fact sheet "Guest ABI", 8.3): vcpu_info of the first 32 vCPUs, event bits and the wall clock. Its layout
/// has two widths; a guest's is that of the mode in which it registers its callback or maps the page.
/// </summary>
/// <remarks>
/// Bit arrays read alike in both widths on a little-endian machine, so only places, limits and the selector differ. The page belongs to the memory
/// file and stays mapped whatever the guest does with it, which is what makes the raw pointers here safe; nothing read from it is trusted.
/// </remarks>
internal sealed unsafe class SharedInfo
{
    /// <summary>Bytes of vcpu_info, in both widths.</summary>
    internal const int VcpuInfoSize = 64;

    /// <summary>vCPUs with a vcpu_info in this page.</summary>
    internal const int VcpusInPage = 32;

    private const int TimeInfoOffset = 32;
    private const int PendingOffset = 0x800;
    private const int MaskOffset64 = 0xa00;
    private const int MaskOffset32 = 0x880;
    private const int WallClock64 = 0xc00;
    private const int WallClock32 = 0x900;
    private const int WallClockHigh64 = 0xc0c;
    private const int WallClockHigh32 = 0x924;

    private readonly byte* _page;
    private byte* _mask;
    private bool _is32Bit;

    internal SharedInfo(GuestMemory memory)
    {
        Frame = memory.AllocateShared();
        _page = memory.AddressOf(Frame);
        for (int vcpu = 0; vcpu < VcpusInPage; vcpu++)
            Time.GuestClock.WriteTimeInfo(new Span<byte>(VcpuInfo(vcpu) + TimeInfoOffset, Time.GuestClock.TimeInfoSize));
        LayOut();
    }

    /// <summary>The page in the memory file.</summary>
    internal HostFrame Frame { get; }

    /// <summary>The guest reads the 32-bit layout.</summary>
    internal bool Is32Bit => Volatile.Read(ref _is32Bit);

    /// <summary>Ports there are: 4096, or 1024 in the narrow layout. Port 0 counts but is never valid.</summary>
    internal int PortCount => Is32Bit ? 1024 : 4096;

    /// <summary>The vcpu_info of a vCPU that has not registered one elsewhere.</summary>
    internal byte* VcpuInfo(int vcpu) => _page + (vcpu * VcpuInfoSize);

    /// <summary>Changes the layout. Event bits start anew, all masked; vcpu_info keeps its place. Under the channels' lock.</summary>
    internal void SetWidth(bool is32Bit)
    {
        if (is32Bit == Is32Bit)
            return;
        Volatile.Write(ref _is32Bit, is32Bit);
        LayOut();
    }

    /// <summary>Sets the pending bit; true when it was clear.</summary>
    internal bool TestAndSetPending(uint port) => (Interlocked.Or(ref Word(_page + PendingOffset, port), Bit(port)) & Bit(port)) == 0;

    /// <summary>Clears the pending bit.</summary>
    internal void ClearPending(uint port) => Interlocked.And(ref Word(_page + PendingOffset, port), ~Bit(port));

    /// <summary>The pending bit.</summary>
    internal bool IsPending(uint port) => (Volatile.Read(ref Word(_page + PendingOffset, port)) & Bit(port)) != 0;

    /// <summary>The mask bit.</summary>
    internal bool IsMasked(uint port) => (Volatile.Read(ref Word(_mask, port)) & Bit(port)) != 0;

    /// <summary>Clears the mask bit; true when it was set.</summary>
    internal bool TestAndClearMask(uint port) => (Interlocked.And(ref Word(_mask, port), ~Bit(port)) & Bit(port)) != 0;

    /// <summary>Writes the Unix time of system time 0: u32 version, u32 seconds, u32 nanoseconds, and the seconds' high half where later ABIs have it.</summary>
    internal void WriteWallClock(ulong unixNanoseconds)
    {
        byte* clock = _page + (Is32Bit ? WallClock32 : WallClock64);
        ulong seconds = unixNanoseconds / 1_000_000_000;
        uint version = (*(uint*)clock | 1) + 2;
        Volatile.Write(ref *(uint*)clock, version);
        Thread.MemoryBarrier();
        *(uint*)(clock + 4) = (uint)seconds;
        *(uint*)(clock + 8) = (uint)(unixNanoseconds % 1_000_000_000);
        *(uint*)(_page + (Is32Bit ? WallClockHigh32 : WallClockHigh64)) = (uint)(seconds >> 32);
        Thread.MemoryBarrier();
        Volatile.Write(ref *(uint*)clock, version + 1);
    }

    private static ref uint Word(byte* array, uint port) => ref Unsafe.AsRef<uint>(array + (port / 32 * 4));

    private static uint Bit(uint port) => 1u << (int)(port & 31);

    private void LayOut()
    {
        new Span<byte>(_page + PendingOffset, GuestMemory.FrameSize - PendingOffset).Clear();
        _mask = _page + (Is32Bit ? MaskOffset32 : MaskOffset64);
        new Span<byte>(_mask, PortCount / 8).Fill(0xff);
    }
}
