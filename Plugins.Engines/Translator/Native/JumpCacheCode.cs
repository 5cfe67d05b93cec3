using System.Numerics;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// How emitted code goes on to a linear address that it does not know beforehand: it polls and looks the address up in the jump cache in line; what is
/// not in its own place goes on here, to the other entry of the pair, and what is not there either leaves, as <see cref="ExitKind.Indirect"/>.
/// </summary>
internal sealed unsafe class JumpCacheCode
{
    private const int KeyPlace = 8;
    private const int CodePlace = 16;
    private const int PagePlace = 24;

    private static readonly int EntryShift = BitOperations.Log2((uint)sizeof(NativeJump));

    private readonly byte* _missed;
    private readonly byte* _asked;

    internal JumpCacheCode(Emitter e, byte* exitCode)
    {
        _missed = e.At;
        e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.Rip);
        e.Bytes([0x49, 0x83, 0xf7, (byte)sizeof(NativeJump)]); // xor r15
        EmitCompare(e, out byte* other, out byte* stale);
        EmitGo(e);
        Emitter.Bind(other, e.At);
        Emitter.Bind(stale, e.At);
        _asked = e.At;
        e.StoreImmediate32(HostRegisters.Context, ContextOffsets.Exit, NativeCode.IndirectExit);
        e.JumpTo(exitCode);
    }

    /// <summary>On to the linear address in the address register.</summary>
    internal void EmitDispatch(Emitter e)
    {
        e.Store(HostRegisters.Context, ContextOffsets.Rip, HostRegisters.Address);
        EmitPoll(e);
        Emitter.Bind(e.Jump(5), _asked);
        e.RegisterRegister(0x69, HostRegisters.Scratch, HostRegisters.Address, wide: false); // imul r15d, r14d
        e.Int32(unchecked((int)NativeJump.Factor));
        e.Bytes([0x41, 0xc1, 0xef, (byte)(32 - NativeJump.Bits - EntryShift)]); // shr r15d
        e.Bytes([0x41, 0x81, 0xe7]); // and r15d
        e.Int32((NativeJump.Count - 1) << EntryShift);
        e.RegisterMemory(0x03, HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.Jumps);
        EmitCompare(e, out byte* other, out byte* stale);
        Emitter.Bind(other, _missed);
        Emitter.Bind(stale, _missed);
        EmitGo(e);
    }

    /// <summary>Compares the poll word with zero.</summary>
    internal static void EmitPoll(Emitter e)
    {
        e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.Poll);
        e.RegisterMemory(0x83, 7, HostRegisters.Scratch, 0, wide: false); // cmp dword [r15], 0
        e.Byte(0);
    }

    private static void EmitCompare(Emitter e, out byte* other, out byte* stale)
    {
        e.RegisterMemory(0x3b, HostRegisters.Address, HostRegisters.Scratch, 0);
        other = e.Jump(5);
        e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.JumpKey);
        e.RegisterMemory(0x3b, HostRegisters.Address, HostRegisters.Scratch, KeyPlace);
        stale = e.Jump(5);
    }

    private static void EmitGo(Emitter e)
    {
        e.Load(HostRegisters.Address, HostRegisters.Scratch, PagePlace);
        e.Store(HostRegisters.Context, ContextOffsets.CodePage, HostRegisters.Address);
        e.RegisterMemory(0xff, 4, HostRegisters.Scratch, CodePlace, wide: false); // jmp [r15 + 16]
    }
}
