using Hospes.Engines.Translator.Memory;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Routines that emitted code calls when a recent page is not the one it wants: they ask the TLB, and what they find is the recent page from then on.
/// In and out as <see cref="TlbCode.EmitFindEntry"/>, but for the address coming as the comparison with the recent page left it.
/// </summary>
internal sealed unsafe class RecentPageRoutines
{
    private const int Kinds = -(int)RecentPage.Code;

    private readonly byte*[] _routines = new byte*[Kinds * 2];

    internal RecentPageRoutines(Emitter emitter, bool counts)
    {
        for (int kind = 1; kind <= Kinds; kind++)
        {
            foreach (bool writes in (ReadOnlySpan<bool>)[false, true])
            {
                _routines[Index((RecentPage)(-kind), writes)] = emitter.At;
                Emit(emitter, TlbCode.RecentPlace((RecentPage)(-kind)), writes, counts);
            }
        }
    }

    /// <summary>Where one is, in the writable mapping.</summary>
    internal byte* this[RecentPage recent, bool writes] => _routines[Index(recent, writes)];

    private static int Index(RecentPage recent, bool writes) => ((-(int)recent - 1) * 2) + (writes ? 1 : 0);

    private static void Emit(Emitter e, int place, bool writes, bool counts)
    {
        if (counts)
            e.Increment(HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.LookUps(LookUpCounter.RecentMissed)));
        int read = TlbCode.TagPlace(writes: false), write = TlbCode.TagPlace(writes: true), tag = TlbCode.TagPlace(writes);
        e.RegisterMemory(0x33, HostRegisters.Address, HostRegisters.Tlb, place + tag); // xor
        TlbCode.EmitFindEntry(e, writes);
        TlbCode.EmitCompareAddress(e, 4095);
        byte* missed = e.Jump(7);
        e.Store(HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.ExitLinear), HostRegisters.Address);
        e.RegisterMemoryIndexed(0x8b, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, tag);
        e.Store(HostRegisters.Tlb, place + read, HostRegisters.Address);

        // Where only reading was asked for, the right to write is asked for when it is wanted.
        if (!writes)
            e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.NoPage));
        e.Store(HostRegisters.Tlb, place + write, HostRegisters.Address);
        foreach (int part in (ReadOnlySpan<int>)[TlbCode.AddendPlace, TlbCode.PagePlace])
        {
            e.RegisterMemoryIndexed(0x8b, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, part);
            e.Store(HostRegisters.Tlb, place + part, HostRegisters.Address);
        }

        e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.ExitLinear));
        Emitter.Bind(missed, e.At);
        e.Byte(0xc3);
    }
}
