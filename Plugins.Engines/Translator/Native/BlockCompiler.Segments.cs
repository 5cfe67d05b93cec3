using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>Selectors, and the bases of FS and GS.</summary>
internal sealed unsafe partial class BlockCompiler
{
    private bool EmitSwapGs()
    {
        if (_user)
            return false;
        int gs = ContextOffsets.Gpr(CpuContext.GsBaseSlot);
        _e.Load(HostRegisters.Address, HostRegisters.Context, gs);
        _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.KernelGsBase);
        _e.Store(HostRegisters.Context, gs, HostRegisters.Scratch);
        _e.Store(HostRegisters.Context, ContextOffsets.KernelGsBase, HostRegisters.Address);
        return true;
    }

    private bool EmitLoadSelector(in Instruction instruction)
    {
        int guest = Registers.Index(instruction.Op0Register);
        int host = HostRegisters.Of(guest);
        bool whole = instruction.Op0Register.GetSize() > 2;
        int to = host < 0 || !whole ? HostRegisters.Scratch : host;
        EmitSelectorTo(to, instruction);
        if (to == host)
            return true;
        int offset = ContextOffsets.Gpr(guest);
        if (whole)
        {
            _e.Store(HostRegisters.Context, offset, to);
            return true;
        }

        _e.Byte(0x66);
        if (host < 0)
            _e.RegisterMemory(0x89, to, HostRegisters.Context, offset, wide: false);
        else
            _e.RegisterRegister(0x89, to, host, wide: false);
        return true;
    }

    private void EmitSelectorTo(int register, in Instruction instruction)
    {
        _e.Byte(register >= 8 ? 0x44 : 0x40);
        _e.Byte(0x0f);
        _e.RegisterMemory(0xb7, register & 7, HostRegisters.Context, ContextOffsets.Selector(instruction.Op1Register), wide: false); // movzx
    }

    private bool EmitStoreSelector(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        byte* retry = _e.At;
        EmitAddress(instruction);
        int exit = EmitProbe(index, retry, sizeof(ushort), writes: true, recent: RecentPageOf(instruction));
        EmitSelectorTo(HostRegisters.Scratch, instruction);
        _e.Bytes([0x66, 0x45, 0x89, 0x3e]); // mov [r14], r15w
        FinishMemory(exit);
        return true;
    }

    private bool EmitReadBase(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        byte* refused = JumpUnlessBaseInstructions();
        int guest = Registers.Index(instruction.Op0Register);
        int host = HostRegisters.Of(guest);
        int to = host < 0 ? HostRegisters.Address : host;
        _e.Load(to, HostRegisters.Context, ContextOffsets.SegmentBase(instruction.Mnemonic == Mnemonic.Rdfsbase ? Register.FS : Register.GS));
        if (host < 0)
            _e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), to);
        AddHandlerExit(index, refused);
        return true;
    }

    private bool EmitWriteBase(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        byte* refused = JumpUnlessBaseInstructions();
        int value = InHost(Registers.Index(instruction.Op0Register), HostRegisters.Scratch);
        _e.Move(HostRegisters.Address, value);
        _e.Bytes([0x49, 0xc1, 0xe6, 16, 0x49, 0xc1, 0xfe, 16]); // shl r14, 16; sar r14, 16
        _e.RegisterRegister(0x3b, HostRegisters.Address, value);
        byte* notCanonical = _e.Jump(5);
        _e.Store(HostRegisters.Context, ContextOffsets.SegmentBase(instruction.Mnemonic == Mnemonic.Wrfsbase ? Register.FS : Register.GS), value);
        AddHandlerExit(index, refused, notCanonical);
        return true;
    }

    private byte* JumpUnlessBaseInstructions()
    {
        _e.RegisterMemory(0xf7, 0, HostRegisters.Context, ContextOffsets.Cr4, wide: false); // test
        _e.Int32((int)Bits.Cr4FsGsBase);
        return _e.Jump(4);
    }
}
