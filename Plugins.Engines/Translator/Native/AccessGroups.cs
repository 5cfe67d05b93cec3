using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Finds, in the straight line of a block, memory accesses that differ from each other by a constant only, and so lie in one page as a rule: the fields
/// of a structure, a stack frame, pushes in a row. One look into the TLB serves them all. Registers are followed through what adds constants to them.
/// </summary>
internal sealed class AccessGroups
{
    /// <summary>As many as there are places for in the context.</summary>
    internal const int Maximum = 16;

    // A group that reaches over a page's end is of no use; the wider, the likelier.
    private const int WidestSpan = 256;

    private const int StackPointer = 4;
    private const int FramePointer = 5;
    private const int NoRegister = 16;

    private readonly InstructionInfoFactory _information = new();
    private readonly AccessGroup[] _groups = new AccessGroup[Maximum];
    private readonly int[] _openSince = new int[Maximum];
    private readonly Origin[] _registers = new Origin[NoRegister];
    private int _count;
    private int _nextOrigin;
    private int _branches;
    private int _firstOpen;

    // What a register's value was computed from, and how much was added since.
    private readonly record struct Origin(int Number, long Offset);

    internal ref AccessGroup this[int group] => ref _groups[group];

    /// <summary>Fills <paramref name="members"/>: to which group the access of each instruction belongs, and where in it.</summary>
    internal void Find(ReadOnlySpan<Instruction> instructions, ReadOnlySpan<NativeForm> forms, Span<GroupMember> members)
    {
        _count = 0;
        _branches = 0;
        _nextOrigin = 0;
        Forget();
        for (int index = 0; index < instructions.Length; index++)
        {
            ref readonly Instruction instruction = ref instructions[index];
            members[index] = GroupMember.None;
            switch (forms[index])
            {
                case NativeForm.Integer or NativeForm.Vector or NativeForm.Fpu:
                    members[index] = Ordinary(instruction);
                    Follow(instruction);
                    break;
                case NativeForm.Push:
                    if (instruction.Op0Kind != OpKind.Memory)
                        members[index] = Join(new AccessKey(_registers[StackPointer].Number), _registers[StackPointer].Offset - 8, 8, writes: true, alignment: -1);
                    Add(StackPointer, -8);
                    break;
                case NativeForm.Pop:
                    members[index] = Join(new AccessKey(_registers[StackPointer].Number), _registers[StackPointer].Offset, 8, writes: false, alignment: -1);
                    Add(StackPointer, 8);
                    Renew(Registers.Index(instruction.Op0Register));
                    break;
                case NativeForm.Leave:
                    _registers[StackPointer] = _registers[FramePointer];
                    members[index] = Join(new AccessKey(_registers[StackPointer].Number), _registers[StackPointer].Offset, 8, writes: false, alignment: -1);
                    Add(StackPointer, 8);
                    Renew(FramePointer);
                    break;
                case NativeForm.Call:
                    members[index] = Join(new AccessKey(_registers[StackPointer].Number), _registers[StackPointer].Offset - 8, 8, writes: true, alignment: -1);
                    break;
                case NativeForm.Return:
                    members[index] = Join(new AccessKey(_registers[StackPointer].Number), _registers[StackPointer].Offset, 8, writes: false, alignment: -1);
                    break;
                case NativeForm.LoadAddress or NativeForm.Nothing or NativeForm.Cli or NativeForm.Sti or NativeForm.Cld or NativeForm.Std or NativeForm.LoadControl
                    or NativeForm.LoadSelector or NativeForm.StoreSelector or NativeForm.ReadBase:
                    Follow(instruction);
                    break;
                case NativeForm.Divide or NativeForm.BitString or NativeForm.LoadFpuControl:
                    Follow(instruction);
                    break;
                case NativeForm.JumpIf:
                    _branches++;
                    break;
                case NativeForm.PushFlags:
                    Add(StackPointer, -8);
                    break;
                default:
                    // Anything may change there, the mapping too.
                    Forget();
                    break;
            }
        }

        // The lowest byte is an aligned one where alignment counts.
        for (int number = 0; number < _count; number++)
        {
            ref AccessGroup group = ref _groups[number];
            if (group.Alignment >= 0)
                group.Low -= (group.Low - group.Alignment) & 15;
        }
    }

    /// <summary>What was looked up is not known any more.</summary>
    internal void Unready()
    {
        for (int number = 0; number < _count; number++)
            _groups[number].IsReady = false;
    }

    private void Forget()
    {
        _firstOpen = _count;
        for (int register = 0; register < _registers.Length; register++)
            Renew(register);
    }

    private void Renew(int register) => _registers[register] = new Origin(++_nextOrigin, 0);

    private void Add(int register, long value) => _registers[register] = _registers[register] with { Offset = _registers[register].Offset + value };

    private GroupMember Ordinary(in Instruction instruction)
    {
        int operand = 0;
        while (operand < instruction.OpCount && instruction.GetOpKind(operand) != OpKind.Memory)
            operand++;
        if (operand == instruction.OpCount)
            return GroupMember.None;
        int size = instruction.MemorySize.GetSize();
        if (size is 0 or > 16 || !IsFollowed(instruction.MemoryBase) || !IsFollowed(instruction.MemoryIndex))
            return GroupMember.None;
        ref readonly InstructionInfo information = ref _information.GetInfo(instruction, InstructionInfoOptions.NoMemoryUsage | InstructionInfoOptions.NoRegisterUsage);
        bool writes = information.GetOpAccess(operand) is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
        Origin @base = OriginOf(instruction.MemoryBase);
        Origin index = OriginOf(instruction.MemoryIndex);
        int segment = instruction.MemorySegment switch { Register.FS => 1, Register.GS => 2, _ => 0 };
        if (instruction.MemoryBase == Register.RIP)
            segment |= 4;
        int scale = instruction.MemoryIndex == Register.None ? 0 : instruction.MemoryIndexScale;
        long offset = (long)instruction.MemoryDisplacement64 + @base.Offset + (index.Offset * scale);
        bool aligned = size == 16 && !NativeForms.MayBeUnaligned(instruction.Mnemonic);
        return Join(new AccessKey(@base.Number, index.Number, scale, segment), offset, size, writes, aligned ? (int)(offset & 15) : -1);
    }

    private static bool IsFollowed(Register register) => register is Register.None or Register.RIP || register is >= Register.RAX and <= Register.R15;

    private Origin OriginOf(Register register) => register is >= Register.RAX and <= Register.R15 ? _registers[register - Register.RAX] : default;

    // The newest group that can take the access, or a new one.
    private GroupMember Join(AccessKey key, long offset, int size, bool writes, int alignment)
    {
        for (int number = _count - 1; number >= _firstOpen; number--)
        {
            ref AccessGroup group = ref _groups[number];
            if (group.Key != key)
                continue;
            long low = Math.Min(group.Low, offset);
            long high = Math.Max(group.High, offset + size);

            // A write behind a branch may never come: its right is not asked for before.
            if (high - low > WidestSpan || (writes && !group.Writes && _openSince[number] != _branches)
                || (alignment >= 0 && group.Alignment >= 0 && alignment != group.Alignment))
                break;
            (group.Low, group.High) = (low, high);
            group.Writes |= writes;
            group.Count++;
            if (alignment >= 0)
                group.Alignment = alignment;
            return new GroupMember(number, offset);
        }

        if (_count == Maximum)
            return GroupMember.None;
        _groups[_count] = new AccessGroup { Key = key, Low = offset, High = offset + size, Writes = writes, Count = 1, Alignment = alignment };
        _openSince[_count] = _branches;
        return new GroupMember(_count++, offset);
    }

    // What the instruction does to the registers' origins.
    private void Follow(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Nop:
                return;
            case Mnemonic.Add or Mnemonic.Sub when instruction.Op0Kind == OpKind.Register && instruction.Op0Register is >= Register.RAX and <= Register.R15
                && instruction.Op1Kind is OpKind.Immediate8to64 or OpKind.Immediate32to64:
                long value = (long)instruction.GetImmediate(1);
                Add(instruction.Op0Register - Register.RAX, instruction.Mnemonic == Mnemonic.Add ? value : -value);
                return;
            case Mnemonic.Inc or Mnemonic.Dec when instruction.Op0Kind == OpKind.Register && instruction.Op0Register is >= Register.RAX and <= Register.R15:
                Add(instruction.Op0Register - Register.RAX, instruction.Mnemonic == Mnemonic.Inc ? 1 : -1);
                return;
            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Register && instruction.Op1Kind == OpKind.Register
                && instruction.Op0Register is >= Register.RAX and <= Register.R15 && instruction.Op1Register is >= Register.RAX and <= Register.R15:
                _registers[instruction.Op0Register - Register.RAX] = _registers[instruction.Op1Register - Register.RAX];
                return;
            case Mnemonic.Lea when instruction.Op0Register is >= Register.RAX and <= Register.R15 && instruction.MemoryBase is >= Register.RAX and <= Register.R15
                && instruction.MemoryIndex == Register.None:
                Origin source = _registers[instruction.MemoryBase - Register.RAX];
                _registers[instruction.Op0Register - Register.RAX] = source with { Offset = source.Offset + (long)instruction.MemoryDisplacement64 };
                return;
            case Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Or
                or Mnemonic.Xor or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar:
                if (instruction.Op0Kind == OpKind.Register && instruction.Op0Register.IsGPR())
                    Renew(Registers.Index(instruction.Op0Register));
                return;
        }

        foreach (UsedRegister used in _information.GetInfo(instruction, InstructionInfoOptions.NoMemoryUsage).GetUsedRegisters())
        {
            if (used.Register.IsGPR() && used.Access is not (OpAccess.Read or OpAccess.CondRead))
                Renew(used.Register.GetFullRegister() - Register.RAX);
        }
    }
}
