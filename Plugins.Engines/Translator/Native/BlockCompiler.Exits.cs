using Hospes.Engines.Translator.Memory;
using Iced.Intel;
using static Hospes.Engines.Translator.Native.TlbCode;

namespace Hospes.Engines.Translator.Native;

/// <summary>The out-of-line parts: ways to C# and back.</summary>
internal sealed unsafe partial class BlockCompiler
{
    // The handler does the instruction, after which the code goes on here.
    private void AddHandlerExit(int index, byte* first, byte* second = null, byte* third = null) => Add(new PendingExit
    {
        Kind = ExitKind.Handler,
        Instruction = index,
        First = first,
        Second = second,
        Third = third,
        Next = _e.At,
        VectorsAtNext = _vectors,
        FlagsAtNext = _flagsInHost,
        Vector = _vectorsChecked,
        Fpu = _fpuChecked,
    });

    private void EmitExits(uint frame)
    {
        for (int index = 0; index < _exitCount; index++)
        {
            ref PendingExit exit = ref _exits[index];
            int number = _code.AddRecord(out ExitRecord* record);
            record->Kind = exit.Kind;
            record->Frame = frame;
            record->Size = (ushort)exit.Size;
            record->Traits = (exit.Writes ? ExitTraits.Writes : 0) | (exit.Aligned ? ExitTraits.Aligned : 0) | (exit.Vector ? ExitTraits.Vector : 0)
                | (_crosses ? ExitTraits.Crosses : 0) | (exit.Fpu ? ExitTraits.Fpu : 0);
            ref Instruction instruction = ref _instructions[exit.Instruction];
            record->Offset = exit.Kind is ExitKind.Direct or ExitKind.Poll ? (ushort)exit.Target : (ushort)instruction.IP;
            if (exit.Ties)
                record->Jump = _code.OffsetOf(exit.First);
            Bind(exit.First);
            Bind(exit.Second);
            Bind(exit.Third);
            if (exit.Recent != RecentPage.None)
                EmitAskTlb(exit);
            if (exit.Kind is ExitKind.Memory or ExitKind.Group)
                EmitAskSecondLevel(exit);
            if (exit.Kind == ExitKind.Group)
                EmitWayToPlainCode(record);
            if (exit.Kind is ExitKind.Memory or ExitKind.Group)
            {
                // What the probe made of the address is undone: xor r14, [rbp + r15 + tag]
                _e.RegisterMemoryIndexed(0x33, HostRegisters.Address, HostRegisters.Tlb, HostRegisters.Scratch, TagPlace(exit.Writes));
                _e.Store(HostRegisters.Context, ContextOffsets.ExitLinear, HostRegisters.Address);
            }

            _e.StoreImmediate32(HostRegisters.Context, ContextOffsets.Exit, number);
            _e.JumpTo(_code.ExitCode);
            if (exit.Kind == ExitKind.Handler)
                record->Instruction = _code.Keep(instruction);
            if (exit.Retry != null && exit.Kind is ExitKind.Memory or ExitKind.Group or ExitKind.Fpu)
                record->Retry = Resume(exit.Retry, exit.VectorsAtRetry, flags: false);
            if (exit.Next != null && exit.Kind is ExitKind.Memory or ExitKind.Handler)
                record->Next = Resume(exit.Next, exit.VectorsAtNext, exit.FlagsAtNext);
        }
    }

    // The recent page was another one.
    private void EmitAskTlb(in PendingExit exit)
    {
        _e.CallTo(_code.RecentPages[exit.Recent, exit.Writes]);
        byte* unaligned = null;
        if (exit.Aligned)
        {
            EmitTestAlignment(_e);
            unaligned = _e.Jump(5);
        }

        EmitCompareAddress(_e, 4096 - exit.Size);
        Emitter.Bind(_e.Jump(6), exit.Found);
        Bind(unaligned);
    }

    // The flags are nobody's here, as behind every look-up.
    private void EmitAskSecondLevel(in PendingExit exit)
    {
        _e.CallTo(_code.SecondLevel[exit.Writes]);
        Emitter.Bind(_e.Jump(2), exit.Retry); // jc
    }

    // The page is there but does not hold all of the group: once there is code for that, it is gone to straight away.
    private void EmitWayToPlainCode(ExitRecord* record)
    {
        EmitCompareAddress(_e, 4095);
        byte* notThere = _e.Jump(7);
        byte* plain = _e.Jump(changes: true);
        Emitter.Bind(plain, _e.At);
        Emitter.Bind(notThere, _e.At);
        record->Jump = _code.OffsetOf(plain);
    }

    private void Bind(byte* jump)
    {
        if (jump != null)
            Emitter.Bind(jump, _e.At);
    }

    // Where to enter in order to go on at a place that expects vector registers and flags in the host's.
    private int Resume(byte* at, uint vectors, bool flags)
    {
        if (vectors == 0 && !flags)
            return _code.OffsetOf(at);
        byte* start = _e.At;
        EmitLoadVectors(vectors);
        if (flags)
            EmitRestoreFlags();
        _e.JumpTo(at);
        return _code.OffsetOf(start);
    }
}
