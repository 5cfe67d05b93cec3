using Hospes.Engines.Translator.Memory;
using Hospes.Engines.Translator.State;
using Iced.Intel;
using static Hospes.Engines.Translator.Native.TlbCode;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Accesses in groups: the first looks the page up for all and keeps host minus linear address in the context; the others add that to their address,
/// which changes no flag.
/// </summary>
internal sealed unsafe partial class BlockCompiler
{
    private bool IsGrouped(int index)
    {
        if (!_grouped || _members[index].Group < 0)
            return false;
        ref AccessGroup group = ref _groups[_members[index].Group];
        ref Instruction instruction = ref _instructions[index];
        long lowest = (instruction.MemoryDisplSize == 0 ? 0 : (long)instruction.MemoryDisplacement64) + group.Low - _members[index].Offset;
        return group.Count > 1 && lowest == (int)lowest;
    }

    /// <summary>Makes sure that the group's page is known. What is written changes flags unless it is known already.</summary>
    private void PrepareGroup(int index, uint liveFlags)
    {
        int number = _members[index].Group;
        if (_groups[number].IsReady)
            return;
        ReleaseFlags(liveFlags);
        byte* retry = _e.At;
        Instruction lowest = _instructions[index];
        lowest.MemoryDisplacement64 += (ulong)(_groups[number].Low - _members[index].Offset);
        EmitAddress(lowest);
        LookUpGroup(index, number, retry, RecentPageOf(lowest));
    }

    /// <summary>The same for an access to the stack, relative to a register.</summary>
    private void PrepareGroup(int index, uint liveFlags, int @base, int displacement)
    {
        int number = _members[index].Group;
        if (_groups[number].IsReady)
            return;
        ReleaseFlags(liveFlags);
        byte* retry = _e.At;
        _e.LoadAddress(HostRegisters.Address, @base, -1, 0, displacement + (int)(_groups[number].Low - _members[index].Offset));
        LookUpGroup(index, number, retry, RecentPage.Stack);
    }

    private void LookUpGroup(int index, int number, byte* retry, RecentPage recent)
    {
        ref AccessGroup group = ref _groups[number];
        EmitLookUp(index, retry, group.Span, group.Writes, group.Alignment >= 0, ExitKind.Group, recent);
        if (recent == RecentPage.None)
            _e.RegisterMemoryIndexed(0x8b, HostRegisters.Scratch, HostRegisters.Tlb, HostRegisters.Scratch, AddendPlace);
        else
            _e.Load(HostRegisters.Scratch, HostRegisters.Tlb, RecentPlace(recent) + AddendPlace);
        _e.Store(HostRegisters.Context, ContextOffsets.Delta(number), HostRegisters.Scratch);
        group.IsReady = true;
        _scratchGroup = number;
    }

    /// <summary>Puts host minus linear address of the group's page into the scratch register.</summary>
    private void LoadDelta(int index)
    {
        int number = _members[index].Group;
        if (_scratchGroup == number)
            return;
        _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.Delta(number));
        _scratchGroup = number;
    }

    /// <summary>Replaces the memory operand by its host address. Changes no flag.</summary>
    /// <param name="index">The instruction's.</param>
    /// <param name="instruction">Its copy that is to be written.</param>
    /// <param name="free">The scratch register has to be free afterwards.</param>
    private void EmitGroupOperand(int index, ref Instruction instruction, bool free)
    {
        int @base = instruction.MemoryBase is >= Register.RAX and <= Register.R15 ? HostRegisters.Of(instruction.MemoryBase - Register.RAX) : -1;
        var displacement = (int)(long)instruction.MemoryDisplacement64;
        if (@base < 0 || instruction.MemoryIndex != Register.None || instruction.MemorySegment is Register.FS or Register.GS)
        {
            EmitAddressTo(HostRegisters.Address, instruction, wide: true);
            if (instruction.MemorySegment is Register.FS or Register.GS)
            {
                _scratchGroup = -1;
                _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.SegmentBase(instruction.MemorySegment));
                _e.LoadAddress(HostRegisters.Address, HostRegisters.Address, HostRegisters.Scratch, 0, 0);
            }

            @base = HostRegisters.Address;
            displacement = 0;
        }

        LoadDelta(index);
        SubstituteMemory(ref instruction);
        if (free)
        {
            _e.LoadAddress(HostRegisters.Address, @base, HostRegisters.Scratch, 0, displacement);
            return;
        }

        instruction.MemoryBase = Register.RAX + @base;
        instruction.MemoryIndex = Register.R15;
        instruction.MemoryDisplacement64 = (ulong)(long)displacement;
        instruction.MemoryDisplSize = displacement == (sbyte)displacement ? 1 : 8;
    }

    private static RecentPage RecentPageOf(in Instruction instruction)
        => instruction.MemorySegment is Register.FS or Register.GS ? RecentPage.Segment
            : instruction.MemoryIndex != Register.None ? RecentPage.None
            : instruction.MemoryBase switch { Register.RSP => RecentPage.Stack, Register.RIP => RecentPage.Code, _ => RecentPage.None };

    // Whether one of the register operands is in the context.
    private static bool HasContextRegister(in Instruction instruction)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand) is var register && register.IsGPR()
                && register is not (>= Register.AH and <= Register.BH) && !HostRegisters.IsMapped(Registers.Index(register)))
                return true;
        }

        return false;
    }
}
