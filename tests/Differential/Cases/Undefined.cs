using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>What the manuals leave undefined, so that a difference there is none.</summary>
internal static unsafe class Undefined
{
    private const uint Conditions = 0x4700; // C3, C2, C1, C0 of the x87 status word

    /// <summary>EFLAGS bits that the instruction leaves undefined for this state.</summary>
    internal static ulong Flags(in Instruction instruction, in MachineState state)
    {
        // The decoder's table knows the mnemonic and an immediate count; a count of zero changes nothing, one in CL is known here.
        if (IsShift(instruction.Mnemonic, out int countOperand))
        {
            int size = instruction.Op0Kind == OpKind.Register ? instruction.Op0Register.GetSize() : instruction.MemorySize.GetSize();
            int count = (int)Count(instruction, countOperand, state) & (size == 8 ? 63 : 31);
            if (count == 0)
                return 0;
            ulong mask = count == 1 ? 0UL : 0x800;
            if (instruction.Mnemonic is Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr)
                return mask;
            mask |= 0x10;
            if (count >= size * 8 && instruction.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr)
                mask |= 1;
            return mask;
        }

        return ToFlags(instruction.RflagsUndefined);
    }

    /// <summary>EFLAGS bits that are undefined after an exception: a repeated comparison's flags are the old ones (Intel) or the last element's (AMD).</summary>
    internal static ulong FlagsAfterFault(in Instruction instruction)
        => instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix) ? 0x8d5UL : 0;

    /// <summary>Which of two faulting operands is reported: CMPS reads its two in either order, even on one processor.</summary>
    /// <remarks>Images of the x87 state are written and read in a vendor's own order.</remarks>
    internal static bool FaultAddress(in Instruction instruction)
        => instruction.Mnemonic is Mnemonic.Fnstenv or Mnemonic.Fldenv or Mnemonic.Fnsave or Mnemonic.Frstor
            || instruction.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq && instruction.IsStringInstruction;

    /// <summary>
    /// x87 state after an exception: some processors have entered MMX mode by then (top of stack 0, all registers valid), where an instruction has both
    /// kinds of operands.
    /// </summary>
    internal static bool FpuAfterFault(in Instruction instruction) => instruction.Mnemonic is Mnemonic.Cvtpi2ps or Mnemonic.Cvtpi2pd or Mnemonic.Cvtps2pi
        or Mnemonic.Cvtpd2pi or Mnemonic.Cvttps2pi or Mnemonic.Cvttpd2pi or Mnemonic.Maskmovq;

    /// <summary>x87 status bits that the instruction leaves undefined.</summary>
    internal static uint Status(in Instruction instruction)
    {
        RflagsBits bits = instruction.RflagsUndefined;
        uint mask = ((bits & RflagsBits.C0) != 0 ? 0x100u : 0) | ((bits & RflagsBits.C1) != 0 ? 0x200u : 0)
            | ((bits & RflagsBits.C2) != 0 ? 0x400u : 0) | ((bits & RflagsBits.C3) != 0 ? 0x4000u : 0);
        return mask & Conditions;
    }

    /// <summary>The whole result is undefined: nothing to compare.</summary>
    internal static bool Everything(in Instruction instruction, in MachineState state) => instruction.Mnemonic switch
    {
        Mnemonic.Shld or Mnemonic.Shrd => instruction.Op1Register.GetSize() == 2 && (Count(instruction, 2, state) & 31) > 16,
        Mnemonic.Bswap => instruction.Op0Register.GetSize() == 2,
        _ => false,
    };

    private static bool IsShift(Mnemonic mnemonic, out int countOperand)
    {
        countOperand = mnemonic is Mnemonic.Shld or Mnemonic.Shrd ? 2 : 1;
        return mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr
            or Mnemonic.Shld or Mnemonic.Shrd;
    }

    private static uint Count(in Instruction instruction, int operand, in MachineState state)
        => instruction.GetOpKind(operand) == OpKind.Register ? (byte)state.Registers[1] : (byte)instruction.GetImmediate(operand);

    private static ulong ToFlags(RflagsBits bits)
        => ((bits & RflagsBits.CF) != 0 ? 1UL : 0) | ((bits & RflagsBits.PF) != 0 ? 4UL : 0) | ((bits & RflagsBits.AF) != 0 ? 0x10UL : 0)
            | ((bits & RflagsBits.ZF) != 0 ? 0x40UL : 0) | ((bits & RflagsBits.SF) != 0 ? 0x80UL : 0) | ((bits & RflagsBits.OF) != 0 ? 0x800UL : 0);
}
