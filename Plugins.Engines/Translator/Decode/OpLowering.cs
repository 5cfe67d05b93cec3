using System.Numerics;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Decode;

/// <summary>
/// Chooses an operation of the interpreter's switch for each instruction, or the handler where there is no faster way. Fast forms exist for 64-bit
/// code only: other modes are short passages of a boot.
/// </summary>
internal sealed unsafe class OpLowering(BlockArena arena)
{
    /// <summary>Operand forms of an arithmetic operation, in the order of <see cref="OpKindCode"/>; TEST lacks the last.</summary>
    private enum Form
    {
        RegisterRegister,
        RegisterImmediate,
        MemoryRegister,
        MemoryImmediate,
        RegisterMemory,
    }

    /// <summary>Lowers a block's instructions; the last operation always leaves the block.</summary>
    internal MicroOp* Lower(ReadOnlySpan<Instruction> instructions, int length, CpuMode mode)
    {
        var ops = (MicroOp*)arena.Allocate(sizeof(MicroOp) * (instructions.Length + 1));
        MicroOp* op = ops;
        for (int i = 0; i < instructions.Length; i++)
        {
            ref readonly Instruction instruction = ref instructions[i];
            if (mode == CpuMode.Code64 && instruction.Mnemonic is Mnemonic.Nop or Mnemonic.Endbr64)
                continue;
            *op = default;
            op->Offset = (ushort)instruction.IP;
            op->Length = (byte)instruction.Length;
            bool fast = mode == CpuMode.Code64 && !instruction.HasLockPrefix && TryLower(op, instruction);
            if (!fast)
                ByHandler(op, instruction);
            else if (op > ops && op->Code == OpKindCode.JumpIf && TryFuse(op - 1, op))
                op--;
            op++;
        }

        *op = default;
        op->Code = OpKindCode.Continue;
        op->Offset = (ushort)length;
        return ops;
    }

    private void ByHandler(MicroOp* op, in Instruction instruction)
    {
        op->Code = OpKindCode.Handler;
        Keep(op, instruction);
    }

    /// <summary>Keeps the handler and the decoded instruction with the operation.</summary>
    private void Keep(MicroOp* op, in Instruction instruction)
    {
        op->Immediate = (nint)HandlerTable.Instance[instruction.Code];
        var copy = (Instruction*)arena.Allocate(sizeof(Instruction));
        *copy = instruction;
        op->Target = (nint)copy;
    }

    private bool TryLower(MicroOp* op, in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Mov => Move(op, i),
        Mnemonic.Add => Arithmetic(op, i, OpKindCode.Add32RR, OpKindCode.Add64RR, null),
        Mnemonic.Sub => Arithmetic(op, i, OpKindCode.Sub32RR, OpKindCode.Sub64RR, null),
        Mnemonic.And => Arithmetic(op, i, OpKindCode.And32RR, OpKindCode.And64RR, OpKindCode.And8RR),
        Mnemonic.Or => Arithmetic(op, i, OpKindCode.Or32RR, OpKindCode.Or64RR, OpKindCode.Or8RR),
        Mnemonic.Xor => Arithmetic(op, i, OpKindCode.Xor32RR, OpKindCode.Xor64RR, null),
        Mnemonic.Cmp => Arithmetic(op, i, OpKindCode.Cmp32RR, OpKindCode.Cmp64RR, OpKindCode.Cmp8RR),
        Mnemonic.Test => Arithmetic(op, i, OpKindCode.Test32RR, OpKindCode.Test64RR, OpKindCode.Test8RR),
        Mnemonic.Adc => WithCarry(op, i, OpKindCode.AddCarry32RR, OpKindCode.AddCarry64RR),
        Mnemonic.Sbb => WithCarry(op, i, OpKindCode.SubtractBorrow32RR, OpKindCode.SubtractBorrow64RR),
        Mnemonic.Rol => Shift(op, i, OpKindCode.RotateLeft32, OpKindCode.RotateLeft64),
        Mnemonic.Lea => Address(op, i),
        Mnemonic.Movzx => Extend(op, i, OpKindCode.LoadZero8, OpKindCode.LoadZero8, OpKindCode.LoadZero16, OpKindCode.LoadZero16, OpKindCode.Zero8RR, OpKindCode.Zero8RR, OpKindCode.Zero16RR, OpKindCode.Zero16RR),
        Mnemonic.Movsx => Extend(op, i, OpKindCode.LoadSign8To32, OpKindCode.LoadSign8To64, OpKindCode.LoadSign16To32, OpKindCode.LoadSign16To64, OpKindCode.Sign8To32RR, OpKindCode.Sign8To64RR, OpKindCode.Sign16To32RR, OpKindCode.Sign16To64RR),
        Mnemonic.Movsxd => SignExtendDoubleword(op, i),
        Mnemonic.Inc => Unary(op, i, OpKindCode.Increment32, OpKindCode.Increment64),
        Mnemonic.Dec => Unary(op, i, OpKindCode.Decrement32, OpKindCode.Decrement64),
        Mnemonic.Neg => Unary(op, i, OpKindCode.Negate32, OpKindCode.Negate64),
        Mnemonic.Not => Unary(op, i, OpKindCode.Not32, OpKindCode.Not64),
        Mnemonic.Shl or Mnemonic.Sal => Shift(op, i, OpKindCode.ShiftLeft32, OpKindCode.ShiftLeft64),
        Mnemonic.Shr => Shift(op, i, OpKindCode.ShiftRight32, OpKindCode.ShiftRight64),
        Mnemonic.Sar => Shift(op, i, OpKindCode.ShiftArithmetic32, OpKindCode.ShiftArithmetic64),
        Mnemonic.Imul => Multiply(op, i),
        Mnemonic.Push => Push(op, i),
        Mnemonic.Pop => Pop(op, i),
        Mnemonic.Jmp => JumpOrCall(op, i, OpKindCode.Jump, OpKindCode.JumpR, OpKindCode.JumpM),
        Mnemonic.Call => JumpOrCall(op, i, OpKindCode.Call, OpKindCode.CallR, OpKindCode.CallM),
        Mnemonic.Ret => Return(op, i),
        Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu => VectorMove(op, i, OpKindCode.LoadVector, OpKindCode.StoreVector),
        Mnemonic.Movaps or Mnemonic.Movapd or Mnemonic.Movdqa => VectorMove(op, i, OpKindCode.LoadVectorAligned, OpKindCode.StoreVectorAligned),
        _ => Conditional(op, i),
    };

    private static bool IsLowRegister(Register register) => register is (>= Register.AL and <= Register.BL) or (>= Register.SPL and <= Register.R15)
        and not (>= Register.AH and <= Register.BH);

    private static bool TryRegister(in Instruction i, int operand, out byte index)
    {
        index = 0;
        if (i.GetOpKind(operand) != OpKind.Register)
            return false;
        Register register = i.GetOpRegister(operand);
        if (!IsLowRegister(register))
            return false;
        index = (byte)Registers.Index(register);
        return true;
    }

    private static bool TryImmediate(in Instruction i, int operand, out long value)
    {
        value = 0;
        if (i.GetOpKind(operand) is not (OpKind.Immediate8 or OpKind.Immediate16 or OpKind.Immediate32 or OpKind.Immediate64 or OpKind.Immediate8to16
            or OpKind.Immediate8to32 or OpKind.Immediate8to64 or OpKind.Immediate32to64))
            return false;
        value = (long)i.GetImmediate(operand);
        return true;
    }

    private static bool TryMemory(MicroOp* op, in Instruction i)
    {
        Register @base = i.MemoryBase;
        Register index = i.MemoryIndex;
        bool wide = @base is (>= Register.RAX and <= Register.R15) or Register.RIP
            || (@base == Register.None && (index is >= Register.RAX and <= Register.R15 || (index == Register.None && i.MemoryDisplSize == 8)));
        var displacement = (long)i.MemoryDisplacement64;
        if (!wide || displacement != (int)displacement)
            return false;
        op->Base = @base == Register.RIP ? (byte)CpuContext.BlockSlot : @base == Register.None ? (byte)CpuContext.ZeroSlot : (byte)(@base - Register.RAX);
        op->Index = index == Register.None ? (byte)CpuContext.ZeroSlot : (byte)(index - Register.RAX);
        op->Scale = (byte)BitOperations.Log2((uint)i.MemoryIndexScale);
        op->Displacement = (int)displacement;
        op->Segment = i.MemorySegment switch
        {
            Register.FS => CpuContext.FsBaseSlot,
            Register.GS => CpuContext.GsBaseSlot,
            _ => CpuContext.ZeroSlot,
        };
        return true;
    }

    private static bool Move(MicroOp* op, in Instruction i)
    {
        if (i.Op0Kind == OpKind.Memory)
        {
            int size = i.MemorySize.GetSize();
            if (!TryMemory(op, i))
                return false;
            if (TryRegister(i, 1, out op->Source))
            {
                op->Code = size switch { 1 => OpKindCode.Store8, 2 => OpKindCode.Store16, 4 => OpKindCode.Store32, _ => OpKindCode.Store64 };
                return true;
            }

            op->Code = size switch
            {
                1 => OpKindCode.StoreImmediate8,
                2 => OpKindCode.StoreImmediate16,
                4 => OpKindCode.StoreImmediate32,
                _ => OpKindCode.StoreImmediate64,
            };
            return TryImmediate(i, 1, out op->Immediate);
        }

        if (!TryRegister(i, 0, out op->Destination))
            return false;
        int width = Registers.Size(i.Op0Register);
        if (i.Op1Kind == OpKind.Memory)
        {
            op->Code = width switch { 1 => OpKindCode.Load8, 2 => OpKindCode.Load16, 4 => OpKindCode.Load32, _ => OpKindCode.Load64 };
            return TryMemory(op, i);
        }

        if (width < 4)
            return false;
        if (TryRegister(i, 1, out op->Source))
        {
            op->Code = width == 4 ? OpKindCode.Move32RR : OpKindCode.Move64RR;
            return true;
        }

        op->Code = OpKindCode.MoveRI;
        if (!TryImmediate(i, 1, out op->Immediate))
            return false;
        if (width == 4)
            op->Immediate = (uint)op->Immediate;
        return true;
    }

    private static bool Arithmetic(MicroOp* op, in Instruction i, OpKindCode at32, OpKindCode at64, OpKindCode? at8)
    {
        int size = Operands.SizeOf(i, 0);
        OpKindCode first;
        if (size == 4)
            first = at32;
        else if (size == 8)
            first = at64;
        else if (size == 1 && at8 is { } narrow)
            first = narrow;
        else
            return false;

        Form form;
        if (i.Op0Kind == OpKind.Memory)
        {
            if (!TryMemory(op, i))
                return false;
            if (TryRegister(i, 1, out op->Source))
                form = Form.MemoryRegister;
            else if (TryImmediate(i, 1, out op->Immediate))
                form = Form.MemoryImmediate;
            else
                return false;
        }
        else if (!TryRegister(i, 0, out op->Destination))
        {
            return false;
        }
        else if (i.Op1Kind == OpKind.Memory)
        {
            form = Form.RegisterMemory;
            if (!TryMemory(op, i))
                return false;
        }
        else if (TryRegister(i, 1, out op->Source))
        {
            form = Form.RegisterRegister;
        }
        else if (TryImmediate(i, 1, out op->Immediate))
        {
            form = Form.RegisterImmediate;
        }
        else
        {
            return false;
        }

        // Immediates travel sign-extended from the operand's width.
        op->Immediate = (long)Operands.SignExtend((ulong)op->Immediate, size);
        op->Code = first + (ushort)form;
        return true;
    }

    private static bool WithCarry(MicroOp* op, in Instruction i, OpKindCode at32, OpKindCode at64)
    {
        if (!Unary(op, i, at32, at64))
            return false;
        if (TryRegister(i, 1, out op->Source))
            return true;
        op->Code++; // the immediate form follows the register form
        if (!TryImmediate(i, 1, out long immediate))
            return false;
        op->Immediate = (long)Operands.SignExtend((ulong)immediate, Registers.Size(i.Op0Register));
        return true;
    }

    private static bool Address(MicroOp* op, in Instruction i)
    {
        int size = Registers.Size(i.Op0Register);
        if (size < 4 || !TryMemory(op, i))
            return false;
        op->Destination = (byte)Registers.Index(i.Op0Register);
        op->Segment = CpuContext.ZeroSlot;
        op->Code = size == 4 ? OpKindCode.Address32 : OpKindCode.Address64;
        return true;
    }

    private static bool Extend(
        MicroOp* op, in Instruction i, OpKindCode load8To32, OpKindCode load8To64, OpKindCode load16To32, OpKindCode load16To64, OpKindCode move8To32,
        OpKindCode move8To64, OpKindCode move16To32, OpKindCode move16To64)
    {
        int to = Registers.Size(i.Op0Register);
        if (to < 4)
            return false;
        op->Destination = (byte)Registers.Index(i.Op0Register);
        int from = Operands.SizeOf(i, 1);
        if (i.Op1Kind == OpKind.Memory)
        {
            op->Code = from == 1 ? (to == 4 ? load8To32 : load8To64) : to == 4 ? load16To32 : load16To64;
            return TryMemory(op, i);
        }

        op->Code = from == 1 ? (to == 4 ? move8To32 : move8To64) : to == 4 ? move16To32 : move16To64;
        return TryRegister(i, 1, out op->Source);
    }

    private static bool SignExtendDoubleword(MicroOp* op, in Instruction i)
    {
        if (Registers.Size(i.Op0Register) != 8)
            return false;
        op->Destination = (byte)Registers.Index(i.Op0Register);
        if (i.Op1Kind == OpKind.Memory)
        {
            op->Code = OpKindCode.LoadSign32To64;
            return TryMemory(op, i);
        }

        op->Code = OpKindCode.Sign32To64RR;
        return TryRegister(i, 1, out op->Source);
    }

    private static bool Unary(MicroOp* op, in Instruction i, OpKindCode at32, OpKindCode at64)
    {
        if (!TryRegister(i, 0, out op->Destination))
            return false;
        int size = Registers.Size(i.Op0Register);
        op->Code = size == 4 ? at32 : at64;
        return size >= 4;
    }

    private static bool Shift(MicroOp* op, in Instruction i, OpKindCode at32, OpKindCode at64)
    {
        if (!Unary(op, i, at32, at64) || !TryImmediate(i, 1, out long count))
            return false;
        op->Immediate = count & (op->Code == at64 ? 63 : 31);
        return op->Immediate != 0;
    }

    private static bool Multiply(MicroOp* op, in Instruction i)
    {
        if (i.OpCount < 2 || !TryRegister(i, 0, out op->Destination) || !TryRegister(i, 1, out op->Source))
            return false;
        int size = Registers.Size(i.Op0Register);
        if (size < 4)
            return false;
        if (i.OpCount == 2)
        {
            op->Code = size == 4 ? OpKindCode.Multiply32RR : OpKindCode.Multiply64RR;
            return true;
        }

        op->Code = size == 4 ? OpKindCode.Multiply32RRI : OpKindCode.Multiply64RRI;
        return TryImmediate(i, 2, out op->Immediate);
    }

    private static bool Push(MicroOp* op, in Instruction i)
    {
        if (i.StackPointerIncrement != -8)
            return false;
        if (TryRegister(i, 0, out op->Source))
        {
            op->Code = OpKindCode.PushR;
            return true;
        }

        op->Code = OpKindCode.PushI;
        return TryImmediate(i, 0, out op->Immediate);
    }

    private static bool Pop(MicroOp* op, in Instruction i)
    {
        op->Code = OpKindCode.PopR;
        return i.StackPointerIncrement == 8 && TryRegister(i, 0, out op->Destination);
    }

    private static bool JumpOrCall(MicroOp* op, in Instruction i, OpKindCode direct, OpKindCode register, OpKindCode memory)
    {
        switch (i.Op0Kind)
        {
            case OpKind.NearBranch64:
                op->Code = direct;
                op->Immediate = (long)i.NearBranch64 << 32;
                return (long)i.NearBranch64 == (int)i.NearBranch64;
            case OpKind.Register:
                op->Code = register;
                return Registers.Size(i.Op0Register) == 8 && TryRegister(i, 0, out op->Source);
            case OpKind.Memory:
                op->Code = memory;
                return i.MemorySize == MemorySize.QwordOffset && TryMemory(op, i);
            default:
                return false;
        }
    }

    private static bool Return(MicroOp* op, in Instruction i)
    {
        op->Code = OpKindCode.Return;
        if (i.OpCount != 0)
            op->Immediate = i.Immediate16;
        return i.Code is Code.Retnq or Code.Retnq_imm16;
    }

    private bool VectorMove(MicroOp* op, in Instruction i, OpKindCode load, OpKindCode store)
    {
        if (i.Op0Kind == OpKind.Register && i.Op1Kind == OpKind.Register)
        {
            op->Code = OpKindCode.MoveVectorRR;
            op->Destination = (byte)(i.Op0Register - Register.XMM0);
            op->Source = (byte)(i.Op1Register - Register.XMM0);
        }
        else if (!TryMemory(op, i))
        {
            return false;
        }
        else if (i.Op0Kind == OpKind.Register)
        {
            op->Code = load;
            op->Destination = (byte)(i.Op0Register - Register.XMM0);
        }
        else
        {
            op->Code = store;
            op->Source = (byte)(i.Op1Register - Register.XMM0);
        }

        Keep(op, i);
        return i.Encoding == EncodingKind.Legacy && op->Immediate != 0;
    }

    private static bool Conditional(MicroOp* op, in Instruction i)
    {
        if (i.ConditionCode == ConditionCode.None)
            return false;
        op->Condition = (byte)(i.ConditionCode - 1);
        if (i.IsJccShortOrNear)
        {
            op->Code = OpKindCode.JumpIf;
            op->Immediate = (long)i.NearBranch64 << 32;
            return i.Op0Kind == OpKind.NearBranch64 && (long)i.NearBranch64 == (int)i.NearBranch64;
        }

        if (i.OpCount == 1)
        {
            op->Code = OpKindCode.SetIf;
            return i.Op0Kind == OpKind.Register && TryRegister(i, 0, out op->Destination);
        }

        if (!TryRegister(i, 0, out op->Destination) || !TryRegister(i, 1, out op->Source))
            return false;
        int size = Registers.Size(i.Op0Register);
        op->Code = size == 4 ? OpKindCode.MoveIf32 : OpKindCode.MoveIf64;
        return size >= 4;
    }

    /// <summary>Merges a comparison and the conditional jump behind it. The jump's displacement goes above the comparison's immediate.</summary>
    private static bool TryFuse(MicroOp* compare, MicroOp* jump)
    {
        OpKindCode? fused = compare->Code switch
        {
            OpKindCode.Cmp8RR => OpKindCode.Cmp8RRJumpIf,
            OpKindCode.Cmp8RI => OpKindCode.Cmp8RIJumpIf,
            OpKindCode.Cmp8MI => OpKindCode.Cmp8MIJumpIf,
            OpKindCode.Cmp8RM => OpKindCode.Cmp8RMJumpIf,
            OpKindCode.Cmp32RR => OpKindCode.Cmp32RRJumpIf,
            OpKindCode.Cmp32RI => OpKindCode.Cmp32RIJumpIf,
            OpKindCode.Cmp32MI => OpKindCode.Cmp32MIJumpIf,
            OpKindCode.Cmp32RM => OpKindCode.Cmp32RMJumpIf,
            OpKindCode.Cmp64RR => OpKindCode.Cmp64RRJumpIf,
            OpKindCode.Cmp64RI => OpKindCode.Cmp64RIJumpIf,
            OpKindCode.Cmp64MI => OpKindCode.Cmp64MIJumpIf,
            OpKindCode.Cmp64RM => OpKindCode.Cmp64RMJumpIf,
            OpKindCode.Test8RR => OpKindCode.Test8RRJumpIf,
            OpKindCode.Test8RI => OpKindCode.Test8RIJumpIf,
            OpKindCode.Test8MI => OpKindCode.Test8MIJumpIf,
            OpKindCode.Test32RR => OpKindCode.Test32RRJumpIf,
            OpKindCode.Test32RI => OpKindCode.Test32RIJumpIf,
            OpKindCode.Test64RR => OpKindCode.Test64RRJumpIf,
            OpKindCode.Test64RI => OpKindCode.Test64RIJumpIf,
            _ => null,
        };
        if (fused is null || compare->Immediate != (int)compare->Immediate)
            return false;
        compare->Code = fused.Value;
        compare->Condition = jump->Condition;
        compare->Immediate = (uint)(int)compare->Immediate | (jump->Immediate & ~0xffff_ffffL);
        return true;
    }
}
