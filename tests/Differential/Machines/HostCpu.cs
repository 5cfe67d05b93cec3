using Hospes.Differential.Native;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Differential.Machines;

/// <summary>
/// Runs instructions on the processor we're on: an assembled trampoline loads every register, jumps to the instructions, and stores every register
/// when it comes back by falling through, by a branch, or by a fault that the signal handler turned into a jump.
/// </summary>
/// <remarks>
/// Safe as far as foreign instructions can be: the test generator lets them touch only the region; faults come back through <see cref="FaultCatcher"/>;
/// the trampoline restores callee-saved registers, stack, flags, MXCSR and x87 state from its own save area.
/// </remarks>
internal sealed unsafe class HostCpu : IDisposable
{
    private const int InputOffset = 0;
    private const int OutputOffset = 0x400;
    private const int SavedStateOffset = 0x800;
    private const int SavedStackOffset = 0xa00;
    private const int FlagStackTop = 0xb00;
    private const int EntryOffset = 0x1000;
    private const int FellThroughOffset = 0x1300;
    private const int BranchedOffset = 0x1340;
    private const int ExitOffset = 0x1400;
    private const int SignalHandlerOffset = 0x1800;

    private static readonly AssemblerRegister64[] All = [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];

    private readonly TestRegion _region;
    private readonly FaultCatcher _faults;

    internal HostCpu(TestRegion region)
    {
        _region = region;
        Emit(EntryOffset, EmitEntry);
        Emit(FellThroughOffset, a => EmitMark(a, 0));
        Emit(BranchedOffset, a => EmitMark(a, 1));
        Emit(ExitOffset, EmitExit);
        ulong start = region.Start;
        _faults = new FaultCatcher(start + SignalHandlerOffset, (ulong)region.Code, TestRegion.CodeCapacity, start + OutputOffset, start + ExitOffset);
    }

    /// <summary>What the next <see cref="Run"/> starts from.</summary>
    internal MachineState* Input => (MachineState*)(_region.Trampoline + InputOffset);

    /// <summary>What the last <see cref="Run"/> ended with.</summary>
    internal MachineState* Output => (MachineState*)(_region.Trampoline + OutputOffset);

    /// <summary>Executes instructions from <see cref="Input"/> to <see cref="Output"/>.</summary>
    internal void Run(ReadOnlySpan<byte> instructions)
    {
        byte* code = _region.Code;
        instructions.CopyTo(new Span<byte>(code, TestRegion.CodeCapacity));
        EmitJump(code + instructions.Length, FellThroughOffset);
        EmitJump(_region.BranchTarget, BranchedOffset);

        MachineState* output = Output;
        output->Vector = MachineState.NoFault;
        output->Error = output->FaultAddress = 0;
        ((delegate* unmanaged<void>)(_region.Start + EntryOffset))();
        if (output->Vector == MachineState.NoFault)
            output->Rip = (ulong)(output->Rip == 0 ? code + instructions.Length : _region.BranchTarget);
    }

    public void Dispose() => _faults.Dispose();

    private void Emit(int offset, Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        if (!assembler.TryAssemble(new StreamCodeWriter(stream), _region.Start + (ulong)offset, out string? error, out _))
            throw new InvalidOperationException($"cannot assemble the trampoline: {error}");
        stream.ToArray().CopyTo(new Span<byte>(_region.Trampoline + offset, (int)stream.Length));
    }

    private void EmitJump(byte* at, int toOffset)
    {
        *at = 0xe9; // jmp rel32
        *(int*)(at + 1) = (int)(_region.Trampoline + toOffset - (at + 5));
    }

    private void EmitEntry(Assembler a)
    {
        ulong region = _region.Start;
        ulong input = region + InputOffset;
        foreach (AssemblerRegister64 register in new[] { rbx, rbp, r12, r13, r14, r15 })
            a.push(register);
        a.mov(__qword_ptr[region + SavedStackOffset], rsp);
        a.fxsave64(__[region + SavedStateOffset]);
        a.fxrstor64(__[input + MachineState.ExtendedOffset]);
        a.mov(rsp, region + FlagStackTop);
        a.push(__qword_ptr[input + MachineState.FlagsOffset]);
        a.popfq();
        for (int i = 0; i < 16; i++)
        {
            if (i != 4)
                a.mov(All[i], __qword_ptr[input + (ulong)(i * 8)]);
        }

        a.mov(rsp, __qword_ptr[input + 32]);
        a.jmp((ulong)_region.Code);
    }

    private void EmitMark(Assembler a, int mark)
    {
        a.mov(__qword_ptr[_region.Start + OutputOffset + MachineState.RipOffset], mark);
        a.jmp(_region.Start + ExitOffset);
    }

    private void EmitExit(Assembler a)
    {
        ulong region = _region.Start;
        ulong output = region + OutputOffset;
        for (int i = 0; i < 16; i++)
            a.mov(__qword_ptr[output + (ulong)(i * 8)], All[i]);
        a.mov(rsp, region + FlagStackTop);
        a.pushfq();
        a.pop(__qword_ptr[output + MachineState.FlagsOffset]);
        a.fxsave64(__[output + MachineState.ExtendedOffset]);
        a.fxrstor64(__[region + SavedStateOffset]);
        a.push(0x202);
        a.popfq();
        a.mov(rsp, __qword_ptr[region + SavedStackOffset]);
        foreach (AssemblerRegister64 register in new[] { r15, r14, r13, r12, rbp, rbx })
            a.pop(register);
        a.ret();
    }
}
