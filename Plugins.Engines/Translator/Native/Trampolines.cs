using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Native;

/// <summary>The ways into emitted code and out of it: they move the guest's registers between context and host registers.</summary>
internal sealed unsafe class Trampolines
{
    private static readonly int[] Saved = [HostRegisters.Rbx, HostRegisters.Rbp, 12, 13, 14, 15];

    internal Trampolines(Emitter emitter, byte* writable, byte* executable)
    {
        byte* enterWithVector = emitter.At;
        EmitEnter(emitter, vector: true);
        byte* enter = emitter.At;
        EmitEnter(emitter, vector: false);
        ExitCode = emitter.At;
        EmitExit(emitter);
        Enter = (delegate* unmanaged<CpuContext*, nint, void>)(executable + (enter - writable));
        EnterWithVector = (delegate* unmanaged<CpuContext*, nint, void>)(executable + (enterWithVector - writable));
    }

    /// <summary>Runs emitted code at an address until it takes an exit, whose number is then in the context.</summary>
    internal delegate* unmanaged<CpuContext*, nint, void> Enter { get; }

    /// <summary>The same with the guest's MXCSR loaded, for code that has vector registers in use already.</summary>
    internal delegate* unmanaged<CpuContext*, nint, void> EnterWithVector { get; }

    /// <summary>Where exits jump to, in the writable mapping.</summary>
    internal byte* ExitCode { get; }

    private static void EmitEnter(Emitter e, bool vector)
    {
        foreach (int register in Saved)
        {
            if (register >= 8)
                e.Byte(0x41);
            e.Byte(0x50 | (register & 7));
        }

        e.Store(HostRegisters.Rdi, ContextOffsets.HostStack + ContextOffsets.Bias, HostRegisters.Rsp);
        e.LoadAddress(HostRegisters.Context, HostRegisters.Rdi, -1, 0, ContextOffsets.Bias);
        e.Load(HostRegisters.Tlb, HostRegisters.Context, ContextOffsets.Tlb);
        e.Move(HostRegisters.Address, HostRegisters.Rsi);
        if (vector)
            EmitLoadMxcsr(e);
        byte* over = JumpUnless(e, FpuResidence.ToLoad);
        Fpu(e, 4);
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.FpuResidence, (int)FpuResidence.Host);
        Emitter.Bind(over, e.At);
        for (int guest = 0; guest < 16; guest++)
        {
            if (HostRegisters.IsMapped(guest))
                e.Load(HostRegisters.Of(guest), HostRegisters.Context, ContextOffsets.Gpr(guest));
        }

        e.Bytes([0x41, 0xff, 0xe6]); // jmp r14
    }

    private static void EmitExit(Emitter e)
    {
        for (int guest = 0; guest < 16; guest++)
        {
            if (HostRegisters.IsMapped(guest))
                e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), HostRegisters.Of(guest));
        }

        // cmp dword [VectorState], 2; jne over what gives the host its MXCSR back
        e.RegisterMemory(0x83, 7, HostRegisters.Context, ContextOffsets.VectorState, wide: false);
        e.Byte(2);
        byte* over = e.Jump(5);
        Mxcsr(e, 3, ContextOffsets.Mxcsr);
        Mxcsr(e, 2, ContextOffsets.HostMxcsr);
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.VectorState, 1);
        Emitter.Bind(over, e.At);

        // FNSAVE leaves the host's registers as they are at a program's start.
        over = JumpUnless(e, FpuResidence.Host);
        Fpu(e, 6);
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.FpuResidence, (int)FpuResidence.ToTake);
        Emitter.Bind(over, e.At);
        e.Load(HostRegisters.Rsp, HostRegisters.Context, ContextOffsets.HostStack);
        foreach (int register in Saved.Reverse())
        {
            if (register >= 8)
                e.Byte(0x41);
            e.Byte(0x58 | (register & 7));
        }

        e.Byte(0xc3);
    }

    /// <summary>Makes MXCSR the guest's and says so.</summary>
    internal static void EmitLoadMxcsr(Emitter e)
    {
        Mxcsr(e, 2, ContextOffsets.Mxcsr);
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.VectorState, 2);
    }

    /// <summary>A jump that is taken unless the guest's x87 registers are in a place.</summary>
    internal static byte* JumpUnless(Emitter e, FpuResidence residence)
    {
        e.RegisterMemory(0x83, 7, HostRegisters.Context, ContextOffsets.FpuResidence, wide: false); // cmp
        e.Byte((int)residence);
        return e.Jump(5);
    }

    // DD /4 FRSTOR, /6 FNSAVE
    private static void Fpu(Emitter e, int operation) => e.RegisterMemory(0xdd, operation, HostRegisters.Context, ContextOffsets.FpuImage, wide: false);

    // 0F AE /2 LDMXCSR, /3 STMXCSR
    private static void Mxcsr(Emitter e, int operation, int displacement)
    {
        e.Byte(0x0f);
        e.RegisterMemory(0xae, operation, HostRegisters.Context, displacement, wide: false);
    }
}
