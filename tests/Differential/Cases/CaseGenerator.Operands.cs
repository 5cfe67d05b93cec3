using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>Operands of every kind that general, MMX, SSE and x87 forms have.</summary>
internal sealed unsafe partial class CaseGenerator
{
    private static readonly Register[] General = [Register.RAX, Register.RCX, Register.RDX, Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11, Register.R12, Register.R13, Register.R14, Register.R15];

    // What no instruction changes without naming it, and no other case prepares.
    private static readonly Register[] Pointers = [Register.R8, Register.R9, Register.R10, Register.R11, Register.R12, Register.R13, Register.R14];

    private ulong _memoryTarget;

    // In a sequence, a register that points to data all the time.
    private Register _pointer;

    private bool TryOperand(ref Instruction instruction, OpCodeInfo form, int number)
    {
        OpCodeOperandKind kind = form.GetOpKind(number);
        switch (kind)
        {
            case OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode:
                return SetRegister(ref instruction, number, ByteRegister(instruction.Mnemonic));
            case OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_opcode:
                return SetRegister(ref instruction, number, Sized(GeneralRegister(instruction.Mnemonic), 2));
            case OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_vvvv:
                return SetRegister(ref instruction, number, Sized(GeneralRegister(instruction.Mnemonic), 4));
            case OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_rm or OpCodeOperandKind.r64_opcode or OpCodeOperandKind.r64_vvvv:
                return SetRegister(ref instruction, number, GeneralRegister(instruction.Mnemonic));
            case OpCodeOperandKind.r8_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, ByteRegister(instruction.Mnemonic)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.r16_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, Sized(GeneralRegister(instruction.Mnemonic), 2)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.r32_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, Sized(GeneralRegister(instruction.Mnemonic), 4)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.r64_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, GeneralRegister(instruction.Mnemonic)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm:
                return SetRegister(ref instruction, number, Register.MM0 + _random.Next(8));
            case OpCodeOperandKind.mm_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, Register.MM0 + _random.Next(8)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm:
                return SetRegister(ref instruction, number, Register.XMM0 + _random.Next(16));
            case OpCodeOperandKind.xmm_or_mem:
                return _random.Chance(50) ? SetRegister(ref instruction, number, Register.XMM0 + _random.Next(16)) : SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.st0:
                return SetRegister(ref instruction, number, Register.ST0);
            case OpCodeOperandKind.sti_opcode:
                return SetRegister(ref instruction, number, Register.ST0 + _random.Next(8));
            case OpCodeOperandKind.al:
                return SetRegister(ref instruction, number, Register.AL);
            case OpCodeOperandKind.cl:
                return SetRegister(ref instruction, number, Register.CL);
            case OpCodeOperandKind.ax:
                return SetRegister(ref instruction, number, Register.AX);
            case OpCodeOperandKind.eax:
                return SetRegister(ref instruction, number, Register.EAX);
            case OpCodeOperandKind.rax:
                return SetRegister(ref instruction, number, Register.RAX);
            case OpCodeOperandKind.mem:
                return SetMemory(ref instruction, form, number);
            case OpCodeOperandKind.mem_offs:
                return SetAbsolute(ref instruction, form, number);
            case OpCodeOperandKind.seg_rBX_al:
                _case.State.Registers[3] = PickTarget(1) - (byte)_case.State.Registers[0];
                instruction.SetOpKind(number, OpKind.Memory);
                instruction.MemoryBase = Register.RBX;
                instruction.MemoryIndex = Register.AL;
                return true;
            case OpCodeOperandKind.seg_rSI:
                instruction.SetOpKind(number, OpKind.MemorySegRSI);
                _case.State.Registers[6] = PickTarget(form.MemorySize.GetSize());
                return true;
            case OpCodeOperandKind.es_rDI:
                instruction.SetOpKind(number, OpKind.MemoryESRDI);
                _case.State.Registers[7] = PickTarget(form.MemorySize.GetSize());
                return true;
            case OpCodeOperandKind.seg_rDI:
                instruction.SetOpKind(number, OpKind.MemorySegRDI);
                _case.State.Registers[7] = PickTarget(form.MemorySize.GetSize());
                return true;
            case OpCodeOperandKind.br64_1 or OpCodeOperandKind.br64_4:
                instruction.SetOpKind(number, OpKind.NearBranch64);
                instruction.NearBranch64 = (ulong)_region.BranchTarget;
                return true;
            default:
                return TryImmediate(ref instruction, kind, number);
        }
    }

    private bool TryImmediate(ref Instruction instruction, OpCodeOperandKind kind, int number)
    {
        (OpKind opKind, ulong value)? immediate = kind switch
        {
            OpCodeOperandKind.imm8 => (number > 0 && instruction.GetOpKind(number - 1) == OpKind.Immediate16 ? OpKind.Immediate8_2nd : OpKind.Immediate8, _random.Value()),
            OpCodeOperandKind.imm8_const_1 => (OpKind.Immediate8, 1UL),
            OpCodeOperandKind.imm8sex16 => (OpKind.Immediate8to16, _random.Value()),
            OpCodeOperandKind.imm8sex32 => (OpKind.Immediate8to32, _random.Value()),
            OpCodeOperandKind.imm8sex64 => (OpKind.Immediate8to64, _random.Value()),
            OpCodeOperandKind.imm16 => (OpKind.Immediate16, NextValue()),
            OpCodeOperandKind.imm32 => (OpKind.Immediate32, NextValue()),
            OpCodeOperandKind.imm32sex64 => (OpKind.Immediate32to64, NextValue()),
            OpCodeOperandKind.imm64 => (OpKind.Immediate64, NextValue()),
            _ => null,
        };
        if (immediate is null)
            return false;
        instruction.SetOpKind(number, immediate.Value.opKind);
        instruction.SetImmediate(number, (long)immediate.Value.value);
        return true;
    }

    private static bool SetRegister(ref Instruction instruction, int number, Register register)
    {
        instruction.SetOpKind(number, OpKind.Register);
        instruction.SetOpRegister(number, register);
        return true;
    }

    /// <summary>Any but rsp, which must stay a stack; a divisor that isn't the dividend.</summary>
    private Register GeneralRegister(Mnemonic mnemonic)
    {
        Register register;
        do
            register = _random.Pick<Register>(General);
        while ((mnemonic is Mnemonic.Div or Mnemonic.Idiv && register is Register.RAX or Register.RDX) || (_inSequence && register == _pointer));
        return register;
    }

    private Register ByteRegister(Mnemonic mnemonic)
    {
        Register register;
        do
            register = _random.Chance(40) ? Register.AL + _random.Next(8) : Sized(GeneralRegister(mnemonic), 1);
        while (mnemonic is Mnemonic.Div or Mnemonic.Idiv && register is Register.AL or Register.AH or Register.DL or Register.DH);
        return register;
    }

    private static Register Sized(Register register, int size)
    {
        int number = register - Register.RAX;
        return size switch
        {
            1 => number < 4 ? Register.AL + number : Register.SPL + (number - 4),
            2 => Register.AX + number,
            4 => Register.EAX + number,
            _ => register,
        };
    }

    /// <summary>An address for an operand: mostly good, now and then across or behind an end of what is mapped, or in the read-only page.</summary>
    private ulong PickTarget(int size)
    {
        size = Math.Max(size, 1);
        int kind = _random.Next(_inSequence ? 89 : 100);
        ulong target;
        if (kind < 88)
        {
            target = (ulong)_region.DataBorder + (ulong)(long)_random.Next(-192, Math.Max(193 - size, -191));
            if (_random.Chance(70))
                target &= ~((ulong)Math.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size), 16u) - 1);
        }
        else if (kind < 92)
        {
            target = (ulong)_region.DataEnd - (ulong)size + (ulong)(long)_random.Next(-size, size + 1);
        }
        else if (kind < 94)
        {
            target = (ulong)_region.Data - (ulong)_random.Next(size + 1);
        }
        else if (kind < 97)
        {
            target = (ulong)_region.ReadOnly + (ulong)_random.Next(4096 - size);
        }
        else
        {
            target = (ulong)_region.DataEnd + (ulong)_random.Next(256);
        }

        _memoryTarget = target;
        return target;
    }

    private bool SetAbsolute(ref Instruction instruction, OpCodeInfo form, int number)
    {
        instruction.SetOpKind(number, OpKind.Memory);
        instruction.MemoryDisplacement64 = PickTarget(form.MemorySize.GetSize());
        instruction.MemoryDisplSize = _random.Chance(80) ? 8 : 4;
        return true;
    }

    private bool SetMemory(ref Instruction instruction, OpCodeInfo form, int number)
    {
        instruction.SetOpKind(number, OpKind.Memory);
        ulong target = PickTarget(form.MemorySize.GetSize());
        bool narrow = _random.Chance(15);
        if (_random.Chance(5))
            instruction.SegmentPrefix = Register.GS; // its base is zero on both sides
        switch (_random.Next(_inSequence ? 6 : 10))
        {
            case 0:
                instruction.MemoryBase = narrow ? Register.EIP : Register.RIP;
                instruction.MemoryDisplacement64 = target;
                instruction.MemoryDisplSize = narrow ? 4 : 8;
                return true;
            case 1:
                instruction.MemoryDisplacement64 = target;
                instruction.MemoryDisplSize = narrow ? 4 : 8;
                return true;
            case 2:
                SetStackMemory(ref instruction, narrow);
                return true;
            case >= 3 when _inSequence:
                SetPointedMemory(ref instruction, target);
                return true;
            default:
                SetBasedMemory(ref instruction, target, narrow);
                return true;
        }
    }

    private void SetStackMemory(ref Instruction instruction, bool narrow)
    {
        int displacement = _random.Next(96);
        instruction.MemoryBase = narrow ? Register.ESP : Register.RSP;
        instruction.MemoryDisplacement64 = (ulong)displacement;
        instruction.MemoryDisplSize = 1;
        _memoryTarget = _case.State.Registers[4] + (ulong)displacement;
    }

    private void SetPointedMemory(ref Instruction instruction, ulong target)
    {
        var displacement = (long)(target - _case.State.Registers[_pointer - Register.RAX]);
        instruction.MemoryBase = _pointer;
        instruction.MemoryDisplacement64 = (ulong)displacement;
        instruction.MemoryDisplSize = displacement == (sbyte)displacement ? 1 : 8;
    }

    private void SetBasedMemory(ref Instruction instruction, ulong target, bool narrow)
    {
        int width = narrow ? 4 : 8;
        Register @base = MemoryRegister(instruction, Register.None);
        long displacement = _random.Next(3) switch
        {
            0 => 0,
            1 => (sbyte)_random.Next(),
            _ => (int)_random.Next(),
        };
        ulong rest = target - (ulong)displacement;
        if (_random.Chance(50))
        {
            Register index = MemoryRegister(instruction, @base);
            int scale = 1 << _random.Next(4);
            instruction.MemoryIndex = Sized(index, width);
            instruction.MemoryIndexScale = scale;
            rest -= _case.State.Registers[index - Register.RAX] * (ulong)scale;
        }

        instruction.MemoryBase = Sized(@base, width);
        instruction.MemoryDisplSize = displacement == 0 ? 0 : displacement == (sbyte)displacement ? 1 : width;
        instruction.MemoryDisplacement64 = narrow ? (uint)displacement : (ulong)displacement;
        if (narrow)
            rest = (uint)rest | (_random.Next() << 32);
        _case.State.Registers[@base - Register.RAX] = rest;
    }

    /// <summary>A register for an address. Not one whose value the instruction's fix-up wants to choose.</summary>
    private Register MemoryRegister(in Instruction instruction, Register taken)
    {
        Register register;
        do
            register = GeneralRegister(instruction.Mnemonic);
        while (register == taken || (IsBitTest(instruction.Mnemonic) && register is Register.R15));
        return register;
    }

    private static bool IsBitTest(Mnemonic mnemonic) => mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc;
}
