using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.Native;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>Emitted code: when it is made, how it runs, and what happens when it comes back.</summary>
internal sealed unsafe partial class TranslatorCpu
{
    // A block of which nothing can be compiled never gets there.
    private const int Never = int.MinValue / 2;

    private const int MissesForPlainCode = 4;

    /// <summary>Counts of what brought emitted code back, by <see cref="ExitKind"/>.</summary>
    internal long[] Exits { get; } = new long[Enum.GetValues<ExitKind>().Length];


    /// <summary>Counts of the instructions that emitted code left to their handlers, by <see cref="Code"/>.</summary>
    internal long[] HandlerExits { get; } = new long[HandlerTable.Count];

    /// <summary>TLB misses that a page walk mended.</summary>
    internal long Fills { get; private set; }

    /// <summary>Runs a block in its fastest form.</summary>
    private StepResult RunBlock(Block* block)
    {
        if (C->Mode == CpuMode.Code64 && CodeOf(block) is var code and not 0)
            return RunNative(code);
        return Interpret(block);
    }

    // The loop's fast operations may do one more before they look at the poll word; a watched access must be the last.
    private StepResult Interpret(Block* block) => Memory.Breakpoints.HasData ? Step(out _) : Execute(block);

    /// <summary>A block's emitted code, made now if the block is hot enough; 0: there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint CodeOf(Block* block)
    {
        nint code = C->Cpl == 3 ? block->UserCode : block->SupervisorCode;
        return code != 0 || block->Executions < _machine.CompileAfter ? code : Compile(block);
    }

    /// <summary>Gives a new block the emitted code that there is for it already: it needs no operations then. Its frame is protected.</summary>
    internal bool TryFindCode(Block* block)
    {
        if (_machine.Code is not { } native || block->Mode != CpuMode.Code64 || C->Cpl is not (0 or 3))
            return false;
        bool user = C->Cpl == 3;
        nint code = native.Find(new CodePlace(block->Physical, block->SecondFrame, user, Plain: false));
        (user ? ref block->UserCode : ref block->SupervisorCode) = code;
        return code != 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint Compile(Block* block)
    {
        if (_machine.Code is not { } native || block->Mode != CpuMode.Code64 || C->Cpl is not (0 or 3))
        {
            block->Executions = Never;
            return 0;
        }

        bool user = C->Cpl == 3;

        // Not under the lock of the emitted code: this may wait for other CPUs.
        _blocks.Protect(block->Physical >> 12);
        var place = new CodePlace(block->Physical, block->SecondFrame, user, Plain: false);
        if (place.Crosses)
            _blocks.Protect(block->SecondFrame);
        nint code = native.Get(_machine.Memory, _machine.CodePages, place, out bool full);
        if (full)
        {
            _machine.EmptyCode();
            block->Executions = -8; // interpreted meanwhile
            return 0;
        }

        if (code == NativeCode.Later)
        {
            block->Executions = 0;
            return 0;
        }

        if (code == 0)
            block->Executions = Never;
        else if (user)
            block->UserCode = code;
        else
            block->SupervisorCode = code;
        return code;
    }

    /// <summary>Runs emitted code from the block at <c>Rip</c> until something needs more than a look-up, a TLB entry or a handler.</summary>
    private StepResult RunNative(nint code)
    {
        CpuContext* c = C;
        NativeCode native = _machine.Code!;
        c->CodePage = c->Rip & ~0xfffUL;
        c->NativeFlags = PackFlags(c);
        bool vector = false;
        bool fpu = false;
        while (true)
        {
            c->VectorState = MayUseVectors(c) ? 1u : 0;
            c->FpuResidence = FpuResidence.Context;
            if (fpu)
                FpuImage.Put(c);
            c->JumpKey = _blocks.Key(c, c->Cpl == 3 ? 0 : ulong.MaxValue);
            if (vector)
                native.Trampolines.EnterWithVector(c, code);
            else
                native.Trampolines.Enter(c, code);
            if (c->FpuResidence == FpuResidence.ToTake)
                FpuImage.Take(c);
            ulong flags = c->NativeFlags;
            Flags.SetArithmetic(c, (uint)(flags >> 8) | ((uint)(flags & 1) << 11));
            ExitRecord* exit = native.Record(c->Exit);
            Exits[(int)exit->Kind]++;
            ulong start = c->CodePage + exit->Offset;
            Block* block;
            switch (exit->Kind)
            {
                case ExitKind.Memory:
                    if ((*c->Poll & (uint)PollBits.Engine) != 0)
                    {
                        // The code may be gone: not even its instruction is to be decoded again.
                        c->Rip = start;
                        return StepResult.Leave;
                    }

                    if (exit->Aligned && (c->ExitLinear & 15) != 0)
                        goto case ExitKind.Handler;
                    TlbFill fill = Memory.Fill(c->ExitLinear, exit->Size, exit->Writes);
                    if (fill == TlbFill.Ready)
                    {
                        Fills++;
                        code = native.Start + exit->Retry;
                        (vector, fpu) = (exit->Vector, exit->Fpu);
                        continue;
                    }

                    if (fill == TlbFill.Fault)
                    {
                        c->InstructionStart = start;
                        return StepResult.Fault;
                    }

                    goto case ExitKind.Handler;
                case ExitKind.Group:
                    c->Rip = start;
                    if ((*c->Poll & (uint)PollBits.Engine) != 0)
                        return StepResult.Leave;
                    if (TryFillGroup(c, exit))
                    {
                        Fills++;
                        code = native.Start + exit->Retry;
                        (vector, fpu) = (exit->Vector, exit->Fpu);
                        continue;
                    }

                    code = PlainCode(native, exit, c->Cpl == 3);
                    if (code != 0)
                        break;
                    block = _blocks.Find();
                    if (block == null)
                        goto fetchFault;
                    return Interpret(block);
                case ExitKind.Fpu:
                    c->Rip = start;
                    if ((*c->Poll & (uint)PollBits.Engine) != 0)
                        return StepResult.Leave;
                    if (!FpuImage.IsUsable(c))
                        goto case ExitKind.Handler;
                    code = native.Start + exit->Retry;
                    (vector, fpu) = (exit->Vector, exit->Fpu);
                    continue;
                case ExitKind.Handler:
                    c->Rip = start;
                    Instruction instruction;
                    if (exit->Kind == ExitKind.Handler)
                    {
                        instruction = *native.Kept(exit->Instruction);
                    }
                    else if (exit->Crosses)
                    {
                        block = _blocks.Find();
                        if (block == null)
                            goto fetchFault;
                        return Interpret(block);
                    }
                    else if (!_blocks.TryDecode(exit->Frame, exit->Offset, out instruction))
                        return StepResult.Leave;
                    HandlerExits[(int)instruction.Code]++;
                    StepResult result = ExecuteOne(instruction);
                    if (result != StepResult.Next)
                        return result;
                    if ((*c->Poll & (uint)PollBits.Engine) != 0 || exit->Next == 0 || (exit->Fpu && !FpuImage.IsUsable(c)))
                        return StepResult.Leave;
                    c->NativeFlags = PackFlags(c);
                    code = native.Start + exit->Next;
                    (vector, fpu) = (exit->Vector, exit->Fpu);
                    continue;
                case ExitKind.Poll:
                    c->Rip = start;
                    return StepResult.Leave;
                case ExitKind.Direct:
                    c->Rip = start;
                    if (*c->Poll != 0)
                        return StepResult.Leave;
                    block = _blocks.Find();
                    if (block == null)
                        goto fetchFault;
                    block->Executions++;
                    code = CodeOf(block);
                    if (code == 0)
                        return Interpret(block);
                    if (block->SecondFrame == CodePlace.OnePage)
                        native.Tie(exit, code);
                    break;
                default:
                    if (*c->Poll != 0)
                        return StepResult.Leave;
                    block = _blocks.Find();
                    if (block == null)
                        goto fetchFault;
                    block->Executions++;
                    code = CodeOf(block);
                    if (code == 0)
                        return Interpret(block);
                    if (c->Rip >> 63 == (c->Cpl == 3 ? 0u : 1u))
                        NativeJump.Add(c->Jumps, new NativeJump { Linear = c->Rip, Key = c->JumpKey, Code = code, Page = c->Rip & ~0xfffUL }, (Exits[(int)ExitKind.Indirect] & 3) == 0);
                    c->CodePage = c->Rip & ~0xfffUL;
                    break;
            }

            vector = fpu = false;
        }

    fetchFault:
        c->InstructionStart = c->Rip;
        return StepResult.Fault;
    }

    // A fault here is none of the guest's yet: the access that would fault may not come to be.
    private bool TryFillGroup(CpuContext* c, ExitRecord* exit)
    {
        if (exit->Aligned && (c->ExitLinear & 15) != 0)
            return false;
        ulong faultAddress = c->Cr2;
        if (Memory.Fill(c->ExitLinear, exit->Size, exit->Writes) == TlbFill.Ready)
            return true;
        c->Cr2 = faultAddress;
        return false;
    }

    // Where a group is not one page time and again, its block gets code without groups from there on; 0: interpret.
    private nint PlainCode(NativeCode native, ExitRecord* exit, bool user)
    {
        if (exit->Misses < MissesForPlainCode)
        {
            exit->Misses++;
            return 0;
        }

        var place = new CodePlace(((ulong)exit->Frame << 12) | exit->Offset, CodePlace.OnePage, user, Plain: true);
        nint code = native.Get(_machine.Memory, _machine.CodePages, place, out bool full);
        if (full)
            _machine.EmptyCode(); // else a block that is compiled already would come here for ever: nothing else it does asks for room
        if (full || code is 0 or NativeCode.Later)
            return 0;
        native.Tie(exit, code);
        return code;
    }

    private static ulong PackFlags(CpuContext* c)
    {
        uint flags = Flags.Arithmetic(c);
        return ((flags & 0xff) << 8) | ((flags >> 11) & 1);
    }

    // CR0.EM, CR0.TS and CR4.OSFXSR allow vector instructions, and none of their exceptions would be delivered.
    private static bool MayUseVectors(CpuContext* c) => (c->Cr0 & (Bits.Cr0Emulation | Bits.Cr0TaskSwitched)) == 0 && (c->Cr4 & Bits.Cr4FxsrSse) != 0
        && (c->Mxcsr & 0x1f80) == 0x1f80;
}
