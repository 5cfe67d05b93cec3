using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>What some instructions need of the state so that they stay in the region, divide without overflow, or go where we can catch them.</summary>
internal sealed unsafe partial class CaseGenerator
{
    /// <summary>False: this draw cannot be made safe, draw again.</summary>
    private bool TryFixUp(in Instruction instruction)
    {
        ref MachineState state = ref _case.State;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Div:
                PrepareDivision(instruction, signed: false);
                break;
            case Mnemonic.Idiv:
                PrepareDivision(instruction, signed: true);
                break;
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc when instruction.Op0Kind == OpKind.Memory && instruction.Op1Kind == OpKind.Register:
                // The bit number reaches 50 bytes either way, so that it stays in the windows; r15 is kept out of addresses for it.
                int size = instruction.Op1Register.GetSize();
                _case.Instruction.Op1Register = Sized(Register.R15, size);
                ulong number = (ulong)(long)_random.Next(-400, 400);
                state.Registers[15] = size == 8 ? number : size == 4 ? (uint)number | (_random.Next() << 32) : (ushort)number | (_random.Next() << 16);
                break;
            case Mnemonic.Jmp or Mnemonic.Call when instruction.Op0Kind == OpKind.Register:
                state.Registers[instruction.Op0Register.GetFullRegister() - Register.RAX] = (ulong)_region.BranchTarget;
                break;
            case Mnemonic.Jmp or Mnemonic.Call when instruction.Op0Kind == OpKind.Memory:
                return TryPutQuad(_memoryTarget, (ulong)_region.BranchTarget);
            case Mnemonic.Ret:
                TryPutQuad(state.Registers[4], (ulong)_region.BranchTarget);
                if (instruction.OpCount != 0)
                    _case.Instruction.Immediate16 &= 0x3f;
                break;
            case Mnemonic.Enter:
                _case.Instruction.Immediate16 &= 0xff;
                state.Registers[5] = (ulong)_region.Stack + 300;
                break;
            case Mnemonic.Leave:
                state.Registers[5] = (ulong)_region.Stack + (ulong)_random.Next(256);
                break;
            case Mnemonic.Popf or Mnemonic.Popfq:
                // Neither TF nor AC, which would trap, nor NT.
                if (IsInWindows(state.Registers[4]))
                    *(ulong*)state.Registers[4] &= ~0x44100UL;
                break;
            case Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jrcxz or Mnemonic.Jecxz:
                if (_random.Chance(60))
                    state.Registers[1] = (state.Registers[1] & 0xffff_ffff_0000_0000) | (uint)_random.Next(3);
                break;
            case Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b when _random.Chance(50) && IsInWindows(_memoryTarget) && IsInWindows(_memoryTarget + 15):
                // Equal half of the time; where an address register is one of the pair the address moves, to where a fault is caught.
                PrepareEqualPair(instruction.Mnemonic == Mnemonic.Cmpxchg16b ? 8 : 4);
                break;
            default:
                if (instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix))
                    state.Registers[1] = (ulong)_random.Next(12);
                break;
        }

        return true;
    }

    private void PrepareEqualPair(int half)
    {
        ref Instruction instruction = ref _case.Instruction;
        if (Uses(instruction, 0) || Uses(instruction, 2))
            return;
        ref MachineState state = ref _case.State;
        state.Registers[0] = half == 8 ? *(ulong*)_memoryTarget : *(uint*)_memoryTarget;
        state.Registers[2] = half == 8 ? *(ulong*)(_memoryTarget + 8) : *(uint*)(_memoryTarget + 4);
    }

    private static bool Uses(in Instruction instruction, int number)
        => (instruction.MemoryBase != Register.None && instruction.MemoryBase is not (Register.RIP or Register.EIP) && instruction.MemoryBase.GetFullRegister() - Register.RAX == number)
            || (instruction.MemoryIndex != Register.None && instruction.MemoryIndex.GetFullRegister() - Register.RAX == number);

    /// <summary>Makes a dividend whose quotient fits, from a quotient and a remainder, most of the time: else the division overflows on both sides.</summary>
    private void PrepareDivision(in Instruction instruction, bool signed)
    {
        if (_random.Chance(10))
            return;
        ref MachineState state = ref _case.State;
        int size = instruction.Op0Kind == OpKind.Register ? instruction.Op0Register.GetSize() : instruction.MemorySize.GetSize();
        ulong raw;
        if (instruction.Op0Kind != OpKind.Register)
            raw = IsInWindows(_memoryTarget) && IsInWindows(_memoryTarget + 7) ? *(ulong*)_memoryTarget : 0;
        else if (instruction.Op0Register is >= Register.AH and <= Register.BH)
            raw = state.Registers[instruction.Op0Register - Register.AH] >> 8;
        else
            raw = state.Registers[instruction.Op0Register.GetFullRegister() - Register.RAX];
        int unused = 64 - (size * 8);
        Int128 divisor = signed ? (long)(raw << unused) >> unused : (Int128)(raw << unused >> unused);
        if (divisor == 0)
            return;
        ulong next = NextValue();
        Int128 quotient = signed ? (long)(next << unused) >> unused : (Int128)(next << unused >> unused);
        Int128 remainder = (Int128)(UInt128)_random.Next() % Int128.Abs(divisor);
        Int128 product = quotient * divisor;
        Int128 dividend = product < 0 ? product - remainder : product + remainder;
        ulong low = (ulong)(UInt128)dividend;
        if (size == 1)
        {
            state.Registers[0] = (state.Registers[0] & ~0xffffUL) | (ushort)low;
            return;
        }

        state.Registers[0] = size == 8 ? low : (state.Registers[0] >> (size * 8) << (size * 8)) | (low << unused >> unused);
        ulong high = (ulong)((UInt128)dividend >> (size * 8));
        state.Registers[2] = size == 8 ? high : (state.Registers[2] >> (size * 8) << (size * 8)) | (high << unused >> unused);
    }

    private bool IsInWindows(ulong address)
        => address - ((ulong)_region.DataBorder - 256) < 504 || address - ((ulong)_region.DataEnd - 256) < 248
            || address - (ulong)_region.Data < 56 || address - ((ulong)_region.Stack - 64) < 504;

    private bool TryPutQuad(ulong address, ulong value)
    {
        if (!IsInWindows(address))
            return false;
        *(ulong*)address = value;
        return true;
    }
}
