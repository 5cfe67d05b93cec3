using System.Numerics;
using Hospes.Engines.Translator.Memory;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Routines that emitted code calls when the TLB's first level has not got a page: they ask the second. In: what <see cref="TlbCode.EmitFindEntry"/>
/// leaves. Out: carry set, the first level has the page now, the address register is of no use; or carry clear, nothing has changed.
/// </summary>
internal sealed unsafe class SecondLevelRoutines
{
    private static readonly int SetShift = BitOperations.Log2(TlbEntry.Ways) + TlbCode.EntryShift;

    private readonly byte* _read;
    private readonly byte* _write;

    internal SecondLevelRoutines(Emitter emitter, bool counts)
    {
        _read = emitter.At;
        Emit(emitter, writes: false, counts);
        _write = emitter.At;
        Emit(emitter, writes: true, counts);
    }

    /// <summary>Where one is, in the writable mapping.</summary>
    internal byte* this[bool writes] => writes ? _write : _read;

    private static void Emit(Emitter e, bool writes, bool counts)
    {
        const int Second = TlbEntry.Count;
        int tag = TlbCode.TagPlace(writes);
        TlbCode.EmitCompareAddress(e, 4095);
        byte* missed = e.Jump(7);
        e.Bytes([0xf8, 0xc3]); // clc; ret: the page was there, and something else is wrong
        Emitter.Bind(missed, e.At);
        if (counts)
            Count(e, LookUpCounter.FirstMissed);
        e.RegisterMemoryIndexed(0x33, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, tag); // xor: the linear address
        e.Store(HostRegisters.Context, Kept(0), HostRegisters.Rax);
        e.Store(HostRegisters.Context, Kept(1), HostRegisters.Rcx);

        // The set's first entry in RAX, the page in RCX.
        e.Move(HostRegisters.Rax, HostRegisters.Address);
        e.Bytes([0x48, 0xc1, 0xe8, 12]); // shr rax
        e.Move(HostRegisters.Rcx, HostRegisters.Rax);
        e.Bytes([0x48, 0xc1, 0xe9, TlbEntry.SetBits]); // shr rcx
        e.Bytes([0x31, 0xc8, 0x25]); // xor eax, ecx; and eax
        e.Int32((1 << TlbEntry.SetBits) - 1);
        e.Bytes([0xc1, 0xe0, (byte)SetShift]); // shl eax
        e.LoadAddress(HostRegisters.Rax, HostRegisters.Tlb, HostRegisters.Rax, 0, Second << TlbCode.EntryShift);
        e.Move(HostRegisters.Rcx, HostRegisters.Address);
        e.Bytes([0x48, 0x81, 0xe1]); // and rcx
        e.Int32(-4096);
        Span<nint> found = stackalloc nint[TlbEntry.Ways];
        for (int way = 0; way < TlbEntry.Ways; way++)
        {
            e.RegisterMemory(0x3b, HostRegisters.Rcx, HostRegisters.Rax, tag); // cmp
            found[way] = (nint)e.Jump(4);
            e.LoadAddress(HostRegisters.Rax, HostRegisters.Rax, -1, 0, sizeof(TlbEntry));
        }

        if (counts)
            Count(e, LookUpCounter.SecondMissed);
        e.RegisterMemoryIndexed(0x33, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, tag);
        Return(e, 0xf8); // clc

        foreach (nint way in found)
            Emitter.Bind((byte*)way, e.At);
        e.LoadAddress(HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, 0, 0);
        for (int part = 0; part < sizeof(TlbEntry); part += sizeof(ulong))
        {
            e.Load(HostRegisters.Rcx, HostRegisters.Rax, part);
            e.Store(HostRegisters.Address, part, HostRegisters.Rcx);
        }

        Return(e, 0xf9); // stc
    }

    private static void Return(Emitter e, byte carry)
    {
        e.Load(HostRegisters.Rax, HostRegisters.Context, Kept(0));
        e.Load(HostRegisters.Rcx, HostRegisters.Context, Kept(1));
        e.Bytes([carry, 0xc3]);
    }

    private static void Count(Emitter e, LookUpCounter counter) => e.Increment(HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.LookUps(counter)));

    private static int Kept(int number) => ContextOffsets.InRoutine(ContextOffsets.Borrowed(number));
}
