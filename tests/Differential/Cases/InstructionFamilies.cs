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

    internal static bool IsX87(Code code)
    {
        if (code.Mnemonic() is Mnemonic.Wait)
            return true;
        OpCodeInfo form = code.ToOpCode();
        return form.Encoding == EncodingKind.Legacy && form.Table == OpCodeTableKind.Normal && form.OpCode is (>= 0xd8 and <= 0xdf) or (>= 0xd8c0 and <= 0xdfff);
    }
}
