using System.Numerics;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// The routine by which emitted code goes on to a linear address that it does not know beforehand: polls, and looks the address up in the jump cache. In:
/// the address, in the address register. Out: where its code is, in the scratch register. What is not found leaves, as <see cref="ExitKind.Indirect"/>.
/// </summary>
internal sealed unsafe class JumpRoutine
{
    private static readonly int EntryShift = BitOperations.Log2((uint)sizeof(NativeJump));

    internal JumpRoutine(Emitter e, byte* exitCode)
    {
        At = e.At;
        e.Store(HostRegisters.Context, InRoutine(ContextOffsets.Rip), HostRegisters.Address);
        e.Load(HostRegisters.Scratch, HostRegisters.Context, InRoutine(ContextOffsets.Poll));
        e.RegisterMemory(0x83, 7, HostRegisters.Scratch, 0, wide: false); // cmp dword [r15], 0
        e.Byte(0);
        byte* asked = e.Jump(5);
        e.RegisterRegister(0x69, HostRegisters.Scratch, HostRegisters.Address, wide: false); // imul r15d, r14d
        e.Int32(unchecked((int)NativeJump.Factor));
        e.Bytes([0x41, 0xc1, 0xef, (byte)(32 - NativeJump.Bits - EntryShift)]); // shr r15d
        e.Bytes([0x41, 0x81, 0xe7]); // and r15d
        e.Int32((NativeJump.Count - 1) << EntryShift);
        e.RegisterMemory(0x03, HostRegisters.Scratch, HostRegisters.Context, InRoutine(ContextOffsets.Jumps));
        Compare(e, out byte* other, out byte* stale);
        byte* found = e.At;
        e.Load(HostRegisters.Address, HostRegisters.Scratch, 24);
        e.Store(HostRegisters.Context, InRoutine(ContextOffsets.CodePage), HostRegisters.Address);
        e.Load(HostRegisters.Scratch, HostRegisters.Scratch, 16);
        e.Byte(0xc3);

        // The other entry of the pair.
        Emitter.Bind(other, e.At);
        Emitter.Bind(stale, e.At);
        e.Load(HostRegisters.Address, HostRegisters.Context, InRoutine(ContextOffsets.Rip));
        e.Bytes([0x49, 0x83, 0xf7, (byte)sizeof(NativeJump)]); // xor r15
        Compare(e, out other, out stale);
        Emitter.Bind(e.Jump(), found);

        Emitter.Bind(asked, e.At);
        Emitter.Bind(other, e.At);
        Emitter.Bind(stale, e.At);
        e.LoadAddress(HostRegisters.Context, HostRegisters.Context, -1, 0, sizeof(ulong));
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.Exit, NativeCode.IndirectExit);
        e.JumpTo(exitCode);
    }

    /// <summary>Where it is, in the writable mapping.</summary>
    internal byte* At { get; }

    private static void Compare(Emitter e, out byte* other, out byte* stale)
    {
        e.RegisterMemory(0x3b, HostRegisters.Address, HostRegisters.Scratch, 0);
        other = e.Jump(5);
        e.Load(HostRegisters.Address, HostRegisters.Context, InRoutine(ContextOffsets.JumpKey));
        e.RegisterMemory(0x3b, HostRegisters.Address, HostRegisters.Scratch, 8);
        stale = e.Jump(5);
    }

    // The call's return address is on what is the stack here.
    private static int InRoutine(int offset) => offset + sizeof(ulong);
}
