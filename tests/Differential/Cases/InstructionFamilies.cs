using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>Which registers a form works on decides its family.</summary>
internal static class InstructionFamilies
{
    internal static bool IsGeneralPurpose(Code code) => !IsVector(code) && !IsX87(code);

    /// <summary>MMX and SSE, with the transfers between them and general registers.</summary>
    internal static bool IsVector(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        for (int i = 0; i < form.OpCount; i++)
        {
            string kind = form.GetOpKind(i).ToString();
            if (kind.StartsWith("xmm", StringComparison.Ordinal) || kind.StartsWith("mm_", StringComparison.Ordinal))
                return true;
        }

        return code.Mnemonic() is Mnemonic.Ldmxcsr or Mnemonic.Stmxcsr or Mnemonic.Emms;
    }

    /// <summary>SSE without the MMX registers.</summary>
    internal static bool IsXmm(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        for (int i = 0; i < form.OpCount; i++)
        {
            if (form.GetOpKind(i).ToString().StartsWith("mm_", StringComparison.Ordinal))
                return false;
        }

        return IsVector(code);
    }

    /// <summary>MMX without the SSE registers.</summary>
    internal static bool IsMmx(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        bool mmx = false;
        for (int i = 0; i < form.OpCount; i++)
        {
            string kind = form.GetOpKind(i).ToString();
            if (kind.StartsWith("xmm", StringComparison.Ordinal))
                return false;
            mmx |= kind.StartsWith("mm_", StringComparison.Ordinal);
        }

        return mmx || code.Mnemonic() == Mnemonic.Emms;
    }

    /// <summary>Stores the pointers to the last x87 instruction and its operand, which vendors keep differently.</summary>
    internal static bool StoresFpuPointers(Code code) => code.Mnemonic() is Mnemonic.Fnstenv or Mnemonic.Fstenv or Mnemonic.Fnsave or Mnemonic.Fsave;

    /// <summary>What compilers emit all the time, which the loop has fast ways for.</summary>
    internal static bool IsUsual(Code code) => code.Mnemonic() is Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Cmp
        or Mnemonic.Test or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Mov or Mnemonic.Movzx
        or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Lea or Mnemonic.Push or Mnemonic.Pop or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar
        or Mnemonic.Rol or Mnemonic.Xchg or Mnemonic.Bt || code.ConditionCode() != ConditionCode.None;

    internal static bool IsX87(Code code)
    {
        if (code.Mnemonic() is Mnemonic.Wait)
            return true;
        OpCodeInfo form = code.ToOpCode();
        return form.Encoding == EncodingKind.Legacy && form.Table == OpCodeTableKind.Normal && form.OpCode is (>= 0xd8 and <= 0xdf) or (>= 0xd8c0 and <= 0xdfff);
    }
}
