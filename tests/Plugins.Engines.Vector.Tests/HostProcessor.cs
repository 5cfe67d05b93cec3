using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Vector.Tests;

/// <summary>
/// Runs one instruction on this machine's own processor: loads a <see cref="ProcessorState"/>, executes, stores it back. rsp and r15 belong to the
/// stub; everything the runtime relies on is put back.
/// </summary>
internal sealed unsafe class HostProcessor : IDisposable
{
    private const int RegistersOffset = 512;
    private const int FlagsOffset = 640;
    private readonly LowMemory _code = new(4096, executable: true);
    private readonly LowMemory _state = new(4096, executable: false);
    private readonly LowMemory _data = new(8192, executable: false);
    private static readonly AssemblerRegister64[] Loaded = [rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14];
    private static readonly int[] LoadedIndex = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];

    internal bool IsAvailable => _code.Address != null && _state.Address != null && _data.Address != null;

    /// <summary>Where rdi points: on host and guest alike.</summary>
    internal ulong DataAddress => (ulong)_data.Address + 1024;

    /// <summary>Assembles the stub around an instruction; returns the instruction's bytes.</summary>
    internal byte[] Prepare(in Instruction instruction)
    {
        var assembler = new Assembler(64);
        assembler.push(rbx);
        assembler.push(rbp);
        assembler.push(r12);
        assembler.push(r13);
        assembler.push(r14);
        assembler.push(r15);
        assembler.mov(r15, rdi);
        assembler.fxrstor64(__[r15]);
        assembler.push(__qword_ptr[r15 + FlagsOffset]);
        for (int i = 0; i < Loaded.Length; i++)
            assembler.mov(Loaded[i], __qword_ptr[r15 + RegistersOffset + (LoadedIndex[i] * 8)]);
        assembler.popfq();
        assembler.AddInstruction(instruction);
        int index = assembler.Instructions.Count - 1;
        assembler.pushfq();
        for (int i = 0; i < Loaded.Length; i++)
            assembler.mov(__qword_ptr[r15 + RegistersOffset + (LoadedIndex[i] * 8)], Loaded[i]);
        assembler.pop(__qword_ptr[r15 + FlagsOffset]);
        assembler.fxsave64(__[r15]);
        assembler.fninit();
        assembler.push(0x1f80);
        assembler.ldmxcsr(__dword_ptr[rsp]);
        assembler.pop(rax);
        assembler.pop(r15);
        assembler.pop(r14);
        assembler.pop(r13);
        assembler.pop(r12);
        assembler.pop(rbp);
        assembler.pop(rbx);
        assembler.ret();
        var writer = new ByteWriter();
        AssemblerResult result = assembler.Assemble(writer, (ulong)_code.Address, BlockEncoderOptions.ReturnNewInstructionOffsets);
        byte[] bytes = [.. writer.Bytes];
        bytes.CopyTo(new Span<byte>(_code.Address, 4096));
        uint[] offsets = result.Result[0].NewInstructionOffsets;
        return bytes[(int)offsets[index]..(int)offsets[index + 1]];
    }

    /// <summary>Runs what <see cref="Prepare"/> assembled.</summary>
    internal void Run(ref ProcessorState state)
    {
        fixed (ProcessorState* source = &state)
        {
            Buffer.MemoryCopy(source->Memory, (void*)DataAddress, ProcessorState.MemorySize, ProcessorState.MemorySize);
            *(ProcessorState*)_state.Address = *source;
            ((delegate* unmanaged<void*, void>)_code.Address)(_state.Address);
            *source = *(ProcessorState*)_state.Address;
            Buffer.MemoryCopy((void*)DataAddress, source->Memory, ProcessorState.MemorySize, ProcessorState.MemorySize);
        }
    }

    public void Dispose()
    {
        _code.Dispose();
        _state.Dispose();
        _data.Dispose();
    }
}
