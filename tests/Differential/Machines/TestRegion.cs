using Hospes.Differential.Native;

namespace Hospes.Differential.Machines;

/// <summary>
/// The memory of an experiment, below 2 GiB so that every addressing form reaches it, seen by host and guest at the same addresses. Between accessible
/// parts lie pages that fault.
/// </summary>
/// <remarks>Safe because everything that reads or writes through its pointers belongs to one experiment, on one thread, and ends before Dispose.</remarks>
internal sealed unsafe class TestRegion : IDisposable
{
    private const int Size = 0x40000;
    private const int PageSize = 4096;

    private readonly byte* _base;

    internal TestRegion()
    {
        const int protection = Libc.ProtRead | Libc.ProtWrite | Libc.ProtExecute;
        const int flags = Libc.MapPrivate | Libc.MapAnonymous;

        // A fixed place where it is free, so that a seed repeats a run exactly.
        void* mapped = Libc.Mmap((void*)0x2000_0000, Size, protection, flags | Libc.MapFixedNoReplace, -1, 0);
        if (mapped == (void*)-1)
            mapped = Libc.Mmap(null, Size, protection, flags | Libc.Map32Bit, -1, 0);
        if (mapped == (void*)-1)
            throw Libc.Failure("cannot map executable memory below 2 GiB");
        _base = (byte*)mapped;
        new Span<byte>(_base, Size).Fill(0xcc);
        Deny(0x5000);
        Deny(0x14000);
        Deny(0x17000);
        Protect(0x18000, Libc.ProtRead);
        Deny(0x19000);
    }

    /// <summary>States, save areas and the trampoline: the host's own.</summary>
    internal byte* Trampoline => _base;

    /// <summary>Where the instruction under test stands. A page before and behind belong to code.</summary>
    internal byte* Code => _base + 0x3800;

    /// <summary>Bytes of code that fit before the branch target, with a jump behind them.</summary>
    internal const int CodeCapacity = 0x3b;

    /// <summary>Where taken branches of the test go.</summary>
    internal byte* BranchTarget => Code + 0x40;

    /// <summary>The middle of 56 KiB of stack. The test may look at the bytes above <c>Stack - 64</c> only: below, signal frames come and go.</summary>
    internal byte* Stack => _base + 0x12000;

    /// <summary>Two writable pages; the interesting places are their common border and the end, behind which nothing is mapped.</summary>
    internal byte* Data => _base + 0x15000;

    internal byte* DataBorder => Data + PageSize;

    internal byte* DataEnd => Data + (2 * PageSize);

    /// <summary>A page that can only be read.</summary>
    internal byte* ReadOnly => _base + 0x18000;

    /// <summary>For the guest's page tables; the guest itself cannot reach them.</summary>
    internal byte* PageTables => _base + 0x20000;

    internal ulong Start => (ulong)_base;

    /// <summary>Whether a page belongs to the region, whatever may be done with it.</summary>
    internal bool Contains(ulong address) => address - (ulong)_base < Size;

    /// <summary>Whether the instruction under test can read a page.</summary>
    internal bool IsReadable(ulong page) => (page - (ulong)_base) is (>= 0x3000 and < 0x5000) or (>= 0x6000 and < 0x14000) or (>= 0x15000 and < 0x17000) or (>= 0x18000 and < 0x19000);

    /// <summary>Whether it can write it.</summary>
    internal bool IsWritable(ulong page) => IsReadable(page) && page != (ulong)ReadOnly;

    public void Dispose()
    {
        if (Libc.Munmap(_base, Size) != 0)
            throw Libc.Failure("cannot unmap the experiment's memory");
    }

    private void Deny(int offset) => Protect(offset, Libc.ProtNone);

    private void Protect(int offset, int protection)
    {
        if (Libc.Mprotect(_base + offset, PageSize, protection) != 0)
            throw Libc.Failure("cannot protect a page of the experiment's memory");
    }
}
