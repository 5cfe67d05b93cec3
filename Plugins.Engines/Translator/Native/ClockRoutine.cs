using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// A routine that emitted code calls for the time-stamp counter: it asks the host's clock as the C library does, by the function that the kernel maps into each
/// process for that (vdso(7)). Out: the counter in RAX and RDX as RDTSC leaves it. It uses both scratch registers and changes flags.
/// </summary>
/// <remarks>
/// The kernel compiles that function without vector and x87 instructions, so these registers stay the guest's. It runs on the host's own stack, at the depth
/// at which emitted code was entered: 8 bytes from a multiple of 16, which seven registers and the result make one.
/// </remarks>
internal static unsafe class ClockRoutine
{
    private const string Library = "linux-vdso.so.1";
    private const string Function = "__vdso_clock_gettime";
    private const int Monotonic = 1;
    private const int NanosecondsPerSecond = 1_000_000_000;

    // What the function may change of the guest's, but for RAX and RDX.
    private static readonly int[] Saved = [HostRegisters.Rcx, HostRegisters.Rsi, HostRegisters.Rdi, 8, 9, 10, 11];

    /// <summary>Writes the routine. False: the host has no such function, and there is none.</summary>
    internal static bool TryEmit(Emitter e, out byte* routine)
    {
        routine = e.At;
        if (!NativeLibrary.TryLoad(Library, out nint library) || !NativeLibrary.TryGetExport(library, Function, out nint function))
        {
            e.Bytes([0x0f, 0x0b]); // ud2
            return false;
        }

        e.Move(HostRegisters.Scratch, HostRegisters.Context);
        e.Load(HostRegisters.Rsp, HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.HostStack));
        foreach (int register in Saved)
            PushOrPop(e, 0x50, register);
        e.Bytes([0x48, 0x83, 0xec, 16]); // sub rsp: struct timespec
        e.Bytes([0x48, 0x89, 0xe6, 0xbf]); // mov rsi, rsp; mov edi
        e.Int32(Monotonic);
        e.Bytes([0x48, 0xb8]); // mov rax
        e.Int32((int)function);
        e.Int32((int)(function >> 32));
        e.Bytes([0xff, 0xd0]); // call rax
        e.Bytes([0x48, 0x69, 0x04, 0x24]); // imul rax, [rsp]
        e.Int32(NanosecondsPerSecond);
        e.Bytes([0x48, 0x03, 0x44, 0x24, 8]); // add rax, [rsp + 8]
        e.Bytes([0x48, 0x83, 0xc4, 16]); // add rsp
        foreach (int register in Saved.Reverse())
            PushOrPop(e, 0x58, register);
        e.Move(HostRegisters.Context, HostRegisters.Scratch);
        e.RegisterMemory(0x03, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.TscBase));
        e.RegisterMemory(0x03, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.InRoutine(ContextOffsets.TscOffset));
        e.Move(HostRegisters.Rdx, HostRegisters.Rax);
        e.Bytes([0x48, 0xc1, 0xea, 32, 0x89, 0xc0, 0xc3]); // shr rdx; mov eax, eax; ret
        return true;
    }

    private static void PushOrPop(Emitter e, int opcode, int register)
    {
        if (register >= 8)
            e.Byte(0x41);
        e.Byte(opcode | (register & 7));
    }
}
