using System.Collections.Frozen;
using Hospes.Engines.Translator.Interpret;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Which x87 and MMX instructions run as themselves. Not those that load or store the whole state, nor decimal numbers; nor sines, logarithms and the like, whose last bit
/// is each processor's own: a guest gets the correctly rounded one everywhere.
/// </summary>
internal static class FpuForms
{
    private static readonly FrozenSet<Mnemonic> Computing = new HashSet<Mnemonic>
    {
        Mnemonic.Fld, Mnemonic.Fild, Mnemonic.Fst, Mnemonic.Fstp, Mnemonic.Fist, Mnemonic.Fistp, Mnemonic.Fisttp, Mnemonic.Fld1, Mnemonic.Fldl2e, Mnemonic.Fldl2t,
        Mnemonic.Fldlg2, Mnemonic.Fldln2, Mnemonic.Fldpi, Mnemonic.Fldz, Mnemonic.Fadd, Mnemonic.Faddp, Mnemonic.Fiadd, Mnemonic.Fsub, Mnemonic.Fsubp, Mnemonic.Fisub,
        Mnemonic.Fsubr, Mnemonic.Fsubrp, Mnemonic.Fisubr, Mnemonic.Fmul, Mnemonic.Fmulp, Mnemonic.Fimul, Mnemonic.Fdiv, Mnemonic.Fdivp, Mnemonic.Fidiv, Mnemonic.Fdivr,
        Mnemonic.Fdivrp, Mnemonic.Fidivr, Mnemonic.Fabs, Mnemonic.Fchs, Mnemonic.Fsqrt, Mnemonic.Frndint, Mnemonic.Fscale, Mnemonic.Fprem, Mnemonic.Fprem1,
        Mnemonic.Fxtract, Mnemonic.Ftst, Mnemonic.Fxam, Mnemonic.Fcom, Mnemonic.Fcomp, Mnemonic.Fcompp, Mnemonic.Fucom, Mnemonic.Fucomp, Mnemonic.Fucompp,
        Mnemonic.Ficom, Mnemonic.Ficomp, Mnemonic.Fcomi, Mnemonic.Fcomip, Mnemonic.Fucomi, Mnemonic.Fucomip, Mnemonic.Fcmovb, Mnemonic.Fcmove, Mnemonic.Fcmovbe,
        Mnemonic.Fcmovu, Mnemonic.Fcmovnb, Mnemonic.Fcmovne, Mnemonic.Fcmovnbe, Mnemonic.Fcmovnu, Mnemonic.Fxch, Mnemonic.Ffree, Mnemonic.Fincstp, Mnemonic.Fdecstp,
        Mnemonic.Fnop,
    }.ToFrozenSet();

    private static readonly FrozenSet<CpuidFeature> MmxFeatures = new HashSet<CpuidFeature>
    {
        CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSSE3,
    }.ToFrozenSet();

    /// <summary>Whether the instruction works on x87 or MMX registers and can run as itself, its operands permitting.</summary>
    internal static bool IsNative(in Instruction i) => IsComputing(i) || IsControl(i.Mnemonic) || IsMmx(i);

    /// <summary>Whether it becomes the last non-control x87 instruction.</summary>
    internal static bool IsComputing(in Instruction i) => Computing.Contains(i.Mnemonic);

    /// <summary>Whether a register is one of x87's or MMX's.</summary>
    internal static bool IsRegister(Register register) => register.IsST() || register.IsMM();

    private static bool IsControl(Mnemonic mnemonic)
        => mnemonic is Mnemonic.Fldcw or Mnemonic.Fnstcw or Mnemonic.Fnstsw or Mnemonic.Fnclex or Mnemonic.Wait or Mnemonic.Emms;

    // Conversions from floating point go by MXCSR, which is the vector instructions' affair.
    private static bool IsMmx(in Instruction i)
    {
        if (i.Encoding != EncodingKind.Legacy || i.Mnemonic is Mnemonic.Cvtps2pi or Mnemonic.Cvttps2pi or Mnemonic.Cvtpd2pi or Mnemonic.Cvttpd2pi)
            return false;
        bool mmx = false;
        for (int operand = 0; operand < i.OpCount; operand++)
            mmx |= i.GetOpKind(operand) == OpKind.Register && i.GetOpRegister(operand).IsMM();
        if (!mmx)
            return false;
        foreach (CpuidFeature feature in i.CpuidFeatures)
        {
            if (!MmxFeatures.Contains(feature))
                return false;
        }

        return true;
    }
}
