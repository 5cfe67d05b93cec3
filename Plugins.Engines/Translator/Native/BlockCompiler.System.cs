using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>What kernels do all the time beside computing: interrupt flag, control registers, bits of long bitmaps.</summary>
internal sealed unsafe partial class BlockCompiler
{
    private bool EmitPushFlags(int index)
    {
        ReleaseFlags(Bits.Arithmetic);
        byte* retry = _e.At;
        _e.LoadAddress(HostRegisters.Address, Stack, -1, 0, -8);
        int exit = EmitProbe(index, retry, 8, writes: true, recent: RecentPage.Stack);
        _e.RegisterMemory(0x8b, HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.SystemFlags, wide: false);
        _e.Bytes([0x41, 0x81, 0xe7]); // and r15d: the image has no RF and VM
        _e.Int32(~(int)(Bits.Resume | Bits.Virtual8086));
        _e.Bytes([0x41, 0x83, 0xcf, (byte)Bits.Fixed1]); // or r15d
        _e.Store(HostRegisters.Address, 0, HostRegisters.Scratch);
        _e.RegisterMemory(0x8b, HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Bytes([0x41, 0xc1, 0xef, 8]); // shr r15d, 8: SF to CF
        _e.RegisterMemory(0x09, HostRegisters.Scratch, HostRegisters.Address, 0);
        _e.RegisterMemory(0x8b, HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Bytes([0x41, 0x83, 0xe7, 1, 0x41, 0xc1, 0xe7, 11]); // and r15d, 1; shl r15d, 11: OF
        _e.RegisterMemory(0x09, HostRegisters.Scratch, HostRegisters.Address, 0);
        _e.LoadAddress(Stack, Stack, -1, 0, -8);
        FinishMemory(exit);
        return true;
    }

    private bool EmitDisableInterrupts(int index)
    {
        if (_user)
            return false;
        ReleaseFlags(_liveAfter[index]);
        SetSystemFlag(Bits.Interrupt, on: false);
        return true;
    }

    /// <summary>
    /// STI. What follows it in this block runs before anybody looks at the poll word: that is the shadow that it casts. An interrupt that has been held
    /// back is its handler's.
    /// </summary>
    private bool EmitEnableInterrupts(int index)
    {
        if (_user || index == _count - 1)
            return false;
        ReleaseFlags(_liveAfter[index]);
        _e.RegisterMemory(0x80, 7, HostRegisters.Context, ContextOffsets.InterruptHeld, wide: false); // cmp byte
        _e.Byte(0);
        byte* held = _e.Jump(5);
        SetSystemFlag(Bits.Interrupt, on: true);
        AddHandlerExit(index, held);
        return true;
    }

    /// <summary>STAC and CLAC: another TLB with another bit of EFLAGS.</summary>
    private bool EmitUserAccess(int index, bool allowed)
    {
        if (_user)
            return false;
        ReleaseFlags(_liveAfter[index]);
        SetSystemFlag(Bits.AlignmentCheck, allowed);
        _e.Load(HostRegisters.Tlb, HostRegisters.Context, ContextOffsets.Tlbs);
        _e.LoadAddress(HostRegisters.Tlb, HostRegisters.Tlb, -1, 0,
            (allowed ? CpuMemory.OverrideTlb : CpuMemory.SupervisorTlb) * TlbEntry.Stride * sizeof(TlbEntry));
        _e.Store(HostRegisters.Context, ContextOffsets.Tlb, HostRegisters.Tlb);
        return true;
    }

    private bool EmitDirection(int index, bool down)
    {
        ReleaseFlags(_liveAfter[index]);
        SetSystemFlag(Bits.Direction, down);
        return true;
    }

    private void SetSystemFlag(uint flag, bool on)
    {
        _e.RegisterMemory(0x81, on ? 1 : 4, HostRegisters.Context, ContextOffsets.SystemFlags, wide: false); // or, and
        _e.Int32(on ? (int)flag : ~(int)flag);
    }

    private bool EmitLoadControl(in Instruction instruction)
    {
        if (_user)
            return false;
        int guest = Registers.Index(instruction.Op0Register);
        int host = HostRegisters.Of(guest);
        int to = host < 0 ? HostRegisters.Scratch : host;
        _e.Load(to, HostRegisters.Context, instruction.Op1Register switch
        {
            Register.CR0 => ContextOffsets.Cr0,
            Register.CR2 => ContextOffsets.Cr2,
            Register.CR3 => ContextOffsets.Cr3,
            _ => ContextOffsets.Cr4,
        });
        if (host < 0)
            _e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), to);
        return true;
    }

    private bool EmitReadTimestamp(int index)
    {
        ReleaseFlags(_liveAfter[index]);
        _e.RegisterMemory(0x83, 7, HostRegisters.Context, ContextOffsets.TscIsClock, wide: false); // cmp
        _e.Byte(0);
        byte* another = _e.Jump(4);
        byte* refused = null;
        if (_user)
        {
            _e.RegisterMemory(0xf7, 0, HostRegisters.Context, ContextOffsets.Cr4, wide: false); // test
            _e.Int32((int)Bits.Cr4TimeStampDisable);
            refused = _e.Jump(5);
        }

        _e.CallTo(_code.Clock);
        if (_instructions[index].Mnemonic == Mnemonic.Rdtscp)
            _e.RegisterMemory(0x8b, HostRegisters.Rcx, HostRegisters.Context, ContextOffsets.TscAux, wide: false);
        AddHandlerExit(index, another, refused);
        return true;
    }

    /// <summary>SERIALIZE: code that was changed has asked for the poll word by now, so what follows may run unless the word says otherwise.</summary>
    private bool EmitSerialize(int index)
    {
        var next = (long)_instructions[index].NextIP;
        if (next >= 4096 || Crosses(next))
            return false;
        ReleaseFlags(_liveAfter[index]);
        JumpCacheCode.EmitPoll(_e);
        Add(new PendingExit { Kind = ExitKind.Poll, Instruction = index, First = _e.Jump(5), Target = (int)next });
        return true;
    }

    /// <summary>BT, BTS, BTR, BTC on memory with the bit number in a register: the operand is the word of the string that has the bit.</summary>
    private bool EmitBitString(int index)
    {
        Instruction instruction = _instructions[index];
        int guest = Registers.Index(instruction.Op1Register);
        int size = instruction.Op1Register.GetSize();
        bool wide = size == 8;
        uint written = FlagLiveness.Writes(instruction, NativeForm.BitString);
        uint liveBefore = _liveAfter[index] & ~written;
        ReleaseFlags(liveBefore);
        byte* retry = _e.At;
        EmitAddress(instruction);
        if (wide)
            _e.Move(HostRegisters.Scratch, InHost(guest, HostRegisters.Scratch));
        else
            _e.RegisterRegister(0x63, HostRegisters.Scratch, InHost(guest, HostRegisters.Scratch)); // movsxd
        _e.Bytes([0x49, 0xc1, 0xff, (byte)(wide ? 6 : 5)]); // sar r15
        _e.LoadAddress(HostRegisters.Address, HostRegisters.Address, HostRegisters.Scratch, wide ? 3 : 2, 0);
        int exit = EmitProbe(index, retry, size, instruction.Mnemonic != Mnemonic.Bt);
        _e.RegisterRegister(0x8b, HostRegisters.Scratch, InHost(guest, HostRegisters.Scratch), wide: false);
        _e.Bytes([0x41, 0x83, 0xe7, (byte)((size * 8) - 1)]); // and r15d
        SubstituteMemory(ref instruction);
        instruction.Op1Register = wide ? Register.R15 : Register.R15D;
        if (liveBefore != 0)
            RestoreFlagsByContext();
        if (!_encoder.TryEncode(instruction, 0, out _, out _))
            return false;
        FlagsWritten(written, _liveAfter[index]);
        FinishMemory(exit);
        return true;
    }
}
