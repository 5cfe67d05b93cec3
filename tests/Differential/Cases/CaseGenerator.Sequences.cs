using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>What must not stand in the middle of a sequence.</summary>
internal sealed unsafe partial class CaseGenerator
{
    /// <summary>
    /// Whether an instruction needs a prepared state, leaves flags behind that differ between processors (only AF is ignored at the end), or reads AF.
    /// </summary>
    private bool IsUnfitForSequence(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Xlatb or Mnemonic.Enter or Mnemonic.Leave or Mnemonic.Popf or Mnemonic.Popfq or Mnemonic.Pushf
                or Mnemonic.Pushfq or Mnemonic.Lahf or Mnemonic.Maskmovq or Mnemonic.Maskmovdqu or Mnemonic.Cmpxchg16b or Mnemonic.Ldmxcsr:
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc when instruction.Op0Kind == OpKind.Memory && instruction.Op1Kind == OpKind.Register:
            case Mnemonic.Pop when instruction.Op0Kind == OpKind.Memory:
                return true;
        }

        return instruction.IsStringInstruction
            || instruction.FlowControl is FlowControl.Call or FlowControl.IndirectBranch or FlowControl.IndirectCall or FlowControl.Return
            || (Undefined.Flags(instruction, _case.State) & ~0x10UL) != 0
            || IsVariableShift(instruction);
    }

    /// <summary>The count in CL is not known in the middle, nor what it leaves undefined.</summary>
    private static bool IsVariableShift(in Instruction instruction)
        => instruction.OpCount > 1 && instruction.GetOpKind(instruction.OpCount - 1) == OpKind.Register
            && instruction.GetOpRegister(instruction.OpCount - 1) == Register.CL && instruction.RflagsWritten != RflagsBits.None
            && instruction.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr
                or Mnemonic.Shld or Mnemonic.Shrd;
}
