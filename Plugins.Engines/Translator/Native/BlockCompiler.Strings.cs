using Hospes.Engines.Translator.State;
using Iced.Intel;
using static Hospes.Engines.Translator.Native.TlbCode;

namespace Hospes.Engines.Translator.Native;

/// <summary>REP STOS and REP MOVS upwards and within one page of each operand run as themselves; the rest is their handlers'.</summary>
internal sealed unsafe partial class BlockCompiler
{
    private bool EmitRepeatedString(int index)
    {
        Instruction instruction = _instructions[index];
        bool moves = instruction.Mnemonic is Mnemonic.Movsb or Mnemonic.Movsd or Mnemonic.Movsq;
        int size = instruction.MemorySize.GetSize();
        ReleaseFlags(_liveAfter[index]);
        _e.RegisterMemory(0xf7, 0, HostRegisters.Context, ContextOffsets.SystemFlags, wide: false); // test dword
        _e.Int32((int)Bits.Direction);
        byte* downwards = _e.Jump(5);
        _e.Bytes([0x48, 0x81, 0xf9]); // cmp rcx
        _e.Int32(4096 / size);
        byte* tooMany = _e.Jump(7);
        byte* source = null;
        if (moves)
        {
            source = EmitStringOperand(HostRegisters.Rsi, size, writes: false);
            _e.RegisterMemoryIndexed(0x8b, HostRegisters.Scratch, HostRegisters.Tlb, HostRegisters.Scratch, AddendPlace);
            _e.Store(HostRegisters.Context, ContextOffsets.CallTarget, HostRegisters.Scratch);
        }

        byte* target = EmitStringOperand(HostRegisters.Rdi, size, writes: true);
        _e.RegisterMemoryIndexed(0x8b, HostRegisters.Scratch, HostRegisters.Tlb, HostRegisters.Scratch, AddendPlace);
        _e.LoadAddress(HostRegisters.Rdi, HostRegisters.Rdi, HostRegisters.Scratch, 0, 0);
        if (moves)
        {
            _e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.CallTarget);
            _e.LoadAddress(HostRegisters.Rsi, HostRegisters.Rsi, HostRegisters.Address, 0, 0);
        }

        _e.Byte(0xf3);
        if (size == 8)
            _e.Byte(0x48);
        _e.Byte((moves ? 0xa4 : 0xaa) | (size == 1 ? 0 : 1));
        _e.RegisterRegister(0x2b, HostRegisters.Rdi, HostRegisters.Scratch); // sub
        if (moves)
            _e.RegisterRegister(0x2b, HostRegisters.Rsi, HostRegisters.Address);
        AddHandlerExit(index, downwards, tooMany, target);
        if (moves)
            AddHandlerExit(index, source, null, null);
        return true;
    }

    // The place of the operand's entry in the scratch register, or a jump: it is not all in a page that the TLB has.
    private byte* EmitStringOperand(int pointer, int size, bool writes)
    {
        _e.Move(HostRegisters.Address, pointer);
        _scratchGroup = -1;
        EmitFindEntry(_e, writes);
        _e.LoadAddress(HostRegisters.Address, HostRegisters.Address, HostRegisters.Rcx, Scale(size), 0);
        EmitCompareAddress(_e, 4096);
        return _e.Jump(7);
    }
}
