using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>The stack and control flow.</summary>
internal sealed unsafe partial class BlockCompiler
{
    private static int Stack => HostRegisters.Of(HostRegisters.GuestStack);

    private bool EmitPush(int index)
    {
        Instruction instruction = _instructions[index];
        if (IsGrouped(index))
            return EmitGroupedPush(index, instruction);
        ReleaseFlags(_liveAfter[index]);
        int source = -1;
        if (instruction.Op0Kind == OpKind.Memory)
            source = EmitLoadTarget(index);
        byte* retry = _e.At;
        _e.LoadAddress(HostRegisters.Address, Stack, -1, 0, -8);
        int exit = EmitProbe(index, retry, 8, writes: true, recent: RecentPage.Stack);
        if (source >= 0)
        {
            _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.CallTarget);
            _e.Store(HostRegisters.Address, 0, HostRegisters.Scratch);
        }
        else if (instruction.Op0Kind == OpKind.Register)
            _e.Store(HostRegisters.Address, 0, InHost(Registers.Index(instruction.Op0Register), HostRegisters.Scratch));
        else
            _e.StoreImmediate(HostRegisters.Address, 0, (int)instruction.GetImmediate(0));
        _e.LoadAddress(Stack, Stack, -1, 0, -8);
        FinishMemory(exit);
        if (source >= 0)
            FinishMemory(source);
        return true;
    }

    private bool EmitGroupedPush(int index, in Instruction instruction)
    {
        PrepareGroup(index, _liveAfter[index], Stack, -8);
        LoadDelta(index);
        if (instruction.Op0Kind != OpKind.Register)
        {
            _e.RegisterMemoryIndexed(0xc7, 0, Stack, HostRegisters.Scratch, -8);
            _e.Int32((int)instruction.GetImmediate(0));
        }
        else if (HostRegisters.Of(Registers.Index(instruction.Op0Register)) is var source and >= 0)
        {
            _e.RegisterMemoryIndexed(0x89, source, Stack, HostRegisters.Scratch, -8);
        }
        else
        {
            _e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.Gpr(Registers.Index(instruction.Op0Register)));
            _e.RegisterMemoryIndexed(0x89, HostRegisters.Address, Stack, HostRegisters.Scratch, -8);
        }

        _e.LoadAddress(Stack, Stack, -1, 0, -8);
        return true;
    }

    /// <summary>Loads what a push or a call through memory wants from there into the context.</summary>
    private int EmitLoadTarget(int index)
    {
        byte* retry = _e.At;
        EmitAddress(_instructions[index]);
        int exit = EmitProbe(index, retry, 8, writes: false, recent: RecentPageOf(_instructions[index]));
        _e.Load(HostRegisters.Address, HostRegisters.Address, 0);
        _e.Store(HostRegisters.Context, ContextOffsets.CallTarget, HostRegisters.Address);
        return exit;
    }

    private bool EmitPop(int index)
    {
        int guest = Registers.Index(_instructions[index].Op0Register);
        int to = HostRegisters.Of(guest);
        if (IsGrouped(index))
        {
            PrepareGroup(index, _liveAfter[index], Stack, 0);
            LoadDelta(index);
            _e.RegisterMemoryIndexed(0x8b, to >= 0 ? to : HostRegisters.Address, Stack, HostRegisters.Scratch, 0);
            if (to < 0)
                _e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), HostRegisters.Address);
            if (to != Stack)
                _e.LoadAddress(Stack, Stack, -1, 0, 8);
            return true;
        }

        ReleaseFlags(_liveAfter[index]);
        byte* retry = _e.At;
        _e.Move(HostRegisters.Address, Stack);
        int exit = EmitProbe(index, retry, 8, writes: false, recent: RecentPage.Stack);
        _e.Load(to >= 0 ? to : HostRegisters.Scratch, HostRegisters.Address, 0);
        if (to < 0)
            _e.Store(HostRegisters.Context, ContextOffsets.Gpr(guest), HostRegisters.Scratch);
        if (to != Stack)
            _e.LoadAddress(Stack, Stack, -1, 0, 8);
        FinishMemory(exit);
        return true;
    }

    private bool EmitLeave(int index)
    {
        int frame = HostRegisters.Of(HostRegisters.GuestFrame);
        if (IsGrouped(index))
        {
            PrepareGroup(index, _liveAfter[index], frame, 0);
            LoadDelta(index);
            _e.LoadAddress(Stack, frame, -1, 0, 8);
            _e.RegisterMemoryIndexed(0x8b, frame, frame, HostRegisters.Scratch, 0);
            return true;
        }

        ReleaseFlags(_liveAfter[index]);
        byte* retry = _e.At;
        _e.Move(HostRegisters.Address, frame);
        int exit = EmitProbe(index, retry, 8, writes: false, recent: RecentPage.Stack);
        _e.LoadAddress(Stack, frame, -1, 0, 8);
        _e.Load(frame, HostRegisters.Address, 0);
        FinishMemory(exit);
        return true;
    }

    private bool EmitCall(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        bool direct = instruction.Op0Kind == OpKind.NearBranch64;
        if (instruction.Op0Kind == OpKind.Memory)
            EmitLoadTarget(index);

        if (IsGrouped(index))
        {
            PrepareGroup(index, 0, Stack, -8);
            LoadDelta(index);
            _e.LoadAddress(HostRegisters.Address, Stack, HostRegisters.Scratch, 0, -8);
        }
        else
        {
            byte* push = _e.At;
            _e.LoadAddress(HostRegisters.Address, Stack, -1, 0, -8);
            EmitProbe(index, push, 8, writes: true, recent: RecentPage.Stack);
        }

        _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.CodePage);
        _e.LoadAddress(HostRegisters.Scratch, HostRegisters.Scratch, -1, 0, (int)instruction.NextIP);
        _e.Store(HostRegisters.Address, 0, HostRegisters.Scratch);
        _e.LoadAddress(Stack, Stack, -1, 0, -8);
        if (direct)
        {
            EmitGo(index, (long)instruction.NearBranch64);
            return true;
        }

        if (instruction.Op0Kind == OpKind.Memory)
            _e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.CallTarget);
        else
            _e.Move(HostRegisters.Address, InHost(Registers.Index(instruction.Op0Register), HostRegisters.Address));
        _code.Jumps.EmitDispatch(_e);
        return true;
    }

    private bool EmitJump(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        switch (instruction.Op0Kind)
        {
            case OpKind.NearBranch64:
                EmitGo(index, (long)instruction.NearBranch64);
                return true;
            case OpKind.Memory:
                byte* retry = _e.At;
                EmitAddress(instruction);
                EmitProbe(index, retry, 8, writes: false, recent: RecentPageOf(instruction));
                _e.Load(HostRegisters.Address, HostRegisters.Address, 0);
                break;
            default:
                _e.Move(HostRegisters.Address, InHost(Registers.Index(instruction.Op0Register), HostRegisters.Address));
                break;
        }

        _code.Jumps.EmitDispatch(_e);
        return true;
    }

    private bool EmitReturn(int index)
    {
        Instruction instruction = _instructions[index];
        ReleaseFlags(_liveAfter[index]);
        if (IsGrouped(index))
        {
            PrepareGroup(index, 0, Stack, 0);
            LoadDelta(index);
            _e.RegisterMemoryIndexed(0x8b, HostRegisters.Address, Stack, HostRegisters.Scratch, 0);
        }
        else
        {
            byte* retry = _e.At;
            _e.Move(HostRegisters.Address, Stack);
            EmitProbe(index, retry, 8, writes: false, recent: RecentPage.Stack);
            _e.Load(HostRegisters.Address, HostRegisters.Address, 0);
        }

        _e.LoadAddress(Stack, Stack, -1, 0, 8 + (instruction.OpCount == 0 ? 0 : instruction.Immediate16));
        _code.Jumps.EmitDispatch(_e);
        return true;
    }

    private bool EmitJumpIf(int index)
    {
        ref Instruction instruction = ref _instructions[index];
        NeedFlags(HostRegisters.Address);
        if (_liveAtBranch[index] != 0)
            SaveFlags();
        int condition = (int)instruction.ConditionCode - 1;
        var target = (long)instruction.NearBranch64;
        if (target is >= 0 and < 4096 && target > (long)instruction.IP && !Crosses(target))
        {
            byte* jump = _e.Jump(condition, changes: true);
            Add(new PendingExit { Kind = ExitKind.Direct, Instruction = index, First = jump, Target = (int)target, Ties = true });
            return true;
        }

        // Backwards or not within the page: the way there is written in line, behind the opposite condition.
        byte* over = _e.Jump(condition ^ 1);
        (bool inHost, bool inContext) = (_flagsInHost, _flagsInContext);
        EmitGo(index, target);
        Emitter.Bind(over, _e.At);
        (_flagsInHost, _flagsInContext) = (inHost, inContext);
        return true;
    }

    /// <summary>The block ends without a jump.</summary>
    private void EmitContinue(int index, int offset)
    {
        ReleaseFlags(_liveAfter[index]);
        EmitGo(index, offset);
    }

    /// <summary>On to a place relative to the page. The flags that matter are in the context.</summary>
    private void EmitGo(int index, long target)
    {
        if (target is < 0 or >= 4096 || Crosses(target))
        {
            _e.Load(HostRegisters.Address, HostRegisters.Context, ContextOffsets.CodePage);
            _e.LoadAddress(HostRegisters.Address, HostRegisters.Address, -1, 0, (int)target);
            _code.Jumps.EmitDispatch(_e);
            return;
        }

        if (target <= (long)_instructions[index].IP)
        {
            JumpCacheCode.EmitPoll(_e);
            byte* asked = _e.Jump(5);
            Add(new PendingExit { Kind = ExitKind.Poll, Instruction = index, First = asked, Target = (int)target });
        }

        byte* jump = _e.Jump(changes: true);
        Add(new PendingExit { Kind = ExitKind.Direct, Instruction = index, First = jump, Target = (int)target, Ties = true });
    }
}
