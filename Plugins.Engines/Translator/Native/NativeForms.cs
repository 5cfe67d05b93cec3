using System.Collections.Frozen;
using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.Interpret;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Which instructions of 64-bit code can run as themselves: those that change nothing but general and xmm registers, arithmetic flags and one memory
/// operand, and that cannot fault once that operand is reachable. Everything else is the handlers'.
/// </summary>
internal static class NativeForms
{
    private static readonly FrozenSet<Mnemonic> Integers = new HashSet<Mnemonic>
    {
        Mnemonic.Mov, Mnemonic.Movzx, Mnemonic.Movsx, Mnemonic.Movsxd, Mnemonic.Add, Mnemonic.Sub, Mnemonic.Adc, Mnemonic.Sbb, Mnemonic.And, Mnemonic.Or,
        Mnemonic.Xor, Mnemonic.Cmp, Mnemonic.Test, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Neg, Mnemonic.Not, Mnemonic.Shl, Mnemonic.Sal, Mnemonic.Shr,
        Mnemonic.Sar, Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl, Mnemonic.Rcr, Mnemonic.Shld, Mnemonic.Shrd, Mnemonic.Imul, Mnemonic.Mul, Mnemonic.Bt,
        Mnemonic.Bts, Mnemonic.Btr, Mnemonic.Btc, Mnemonic.Bsf, Mnemonic.Bsr, Mnemonic.Popcnt, Mnemonic.Lzcnt, Mnemonic.Tzcnt, Mnemonic.Bswap,
        Mnemonic.Cbw, Mnemonic.Cwde, Mnemonic.Cdqe, Mnemonic.Cwd, Mnemonic.Cdq, Mnemonic.Cqo, Mnemonic.Xchg, Mnemonic.Xadd, Mnemonic.Cmpxchg,
        Mnemonic.Cmpxchg8b, Mnemonic.Cmpxchg16b, Mnemonic.Andn, Mnemonic.Bextr, Mnemonic.Blsi, Mnemonic.Blsmsk, Mnemonic.Blsr, Mnemonic.Bzhi,
        Mnemonic.Mulx, Mnemonic.Pdep, Mnemonic.Pext, Mnemonic.Rorx, Mnemonic.Sarx, Mnemonic.Shlx, Mnemonic.Shrx, Mnemonic.Adcx, Mnemonic.Adox,
        Mnemonic.Crc32, Mnemonic.Movbe, Mnemonic.Movnti, Mnemonic.Lahf, Mnemonic.Sahf, Mnemonic.Cmc, Mnemonic.Clc, Mnemonic.Stc, Mnemonic.Mfence,
        Mnemonic.Lfence, Mnemonic.Sfence, Mnemonic.Pause,
        Mnemonic.Cmova, Mnemonic.Cmovae, Mnemonic.Cmovb, Mnemonic.Cmovbe, Mnemonic.Cmove, Mnemonic.Cmovg, Mnemonic.Cmovge, Mnemonic.Cmovl,
        Mnemonic.Cmovle, Mnemonic.Cmovne, Mnemonic.Cmovno, Mnemonic.Cmovnp, Mnemonic.Cmovns, Mnemonic.Cmovo, Mnemonic.Cmovp, Mnemonic.Cmovs,
        Mnemonic.Seta, Mnemonic.Setae, Mnemonic.Setb, Mnemonic.Setbe, Mnemonic.Sete, Mnemonic.Setg, Mnemonic.Setge, Mnemonic.Setl, Mnemonic.Setle,
        Mnemonic.Setne, Mnemonic.Setno, Mnemonic.Setnp, Mnemonic.Setns, Mnemonic.Seto, Mnemonic.Setp, Mnemonic.Sets,
    }.ToFrozenSet();

    // Vector instructions that do more than compute: control registers, implicit memory, other register files.
    private static readonly FrozenSet<Mnemonic> NoVectors = new HashSet<Mnemonic>
    {
        Mnemonic.Ldmxcsr, Mnemonic.Maskmovdqu, Mnemonic.Fxsave, Mnemonic.Fxrstor, Mnemonic.Clflush, Mnemonic.Mfence, Mnemonic.Lfence,
        Mnemonic.Sfence, Mnemonic.Pause, Mnemonic.Monitor, Mnemonic.Mwait, Mnemonic.Fisttp,
        Mnemonic.Cvtpi2ps, Mnemonic.Cvtpi2pd,
    }.ToFrozenSet();

    private static readonly FrozenSet<CpuidFeature> VectorFeatures = new HashSet<CpuidFeature>
    {
        CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3, CpuidFeature.SSSE3, CpuidFeature.SSE4_1, CpuidFeature.SSE4_2, CpuidFeature.AES,
        CpuidFeature.PCLMULQDQ, CpuidFeature.SHA,
    }.ToFrozenSet();

    /// <summary>The treatment of an instruction of 64-bit code.</summary>
    internal static NativeForm Of(in Instruction i)
    {
        switch (i.FlowControl)
        {
            case FlowControl.ConditionalBranch:
                return i.IsJccShortOrNear && i.Op0Kind == OpKind.NearBranch64 ? NativeForm.JumpIf : NativeForm.Handler;
            case FlowControl.UnconditionalBranch:
                return i.Op0Kind == OpKind.NearBranch64 ? NativeForm.Jump : NativeForm.Handler;
            case FlowControl.IndirectBranch:
                return IsWideTarget(i) ? NativeForm.Jump : NativeForm.Handler;
            case FlowControl.Call:
                return i.Op0Kind == OpKind.NearBranch64 ? NativeForm.Call : NativeForm.Handler;
            case FlowControl.IndirectCall:
                return IsWideTarget(i) ? NativeForm.Call : NativeForm.Handler;
            case FlowControl.Return:
                return i.Code is Code.Retnq or Code.Retnq_imm16 ? NativeForm.Return : NativeForm.Handler;
            case FlowControl.Next:
                break;
            default:
                return NativeForm.Handler;
        }

        if (i.Code is Code.Stosb_m8_AL or Code.Stosd_m32_EAX or Code.Stosq_m64_RAX or Code.Movsb_m8_m8 or Code.Movsd_m32_m32 or Code.Movsq_m64_m64)
        {
            bool wide = i.GetOpKind(0) == OpKind.MemoryESRDI && i.GetOpKind(1) is OpKind.MemorySegRSI or OpKind.Register;
            return i.HasRepPrefix && wide && i.SegmentPrefix is not (Register.FS or Register.GS) ? NativeForm.RepeatedString : NativeForm.Handler;
        }

        if (i.HasRepPrefix || i.HasRepnePrefix)
            return i.Mnemonic is Mnemonic.Pause ? NativeForm.Integer : NativeForm.Handler;
        switch (i.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchnta or Mnemonic.Prefetchw:
                return NativeForm.Nothing;
            case Mnemonic.Lea:
                return i.Op0Register.GetSize() >= 4 && IsPlainAddress(i) ? NativeForm.LoadAddress : NativeForm.Handler;
            case Mnemonic.Push:
                return i.StackPointerIncrement == -8 && (i.Op0Kind == OpKind.Memory ? IsPlainAddress(i) : !i.Op0Register.IsSegmentRegister()) ? NativeForm.Push : NativeForm.Handler;
            case Mnemonic.Pop:
                return i.StackPointerIncrement == 8 && i.Op0Kind == OpKind.Register && i.Op0Register.IsGPR64()
                    ? NativeForm.Pop : NativeForm.Handler;
            case Mnemonic.Leave:
                return i.Code == Code.Leaveq ? NativeForm.Leave : NativeForm.Handler;
            case Mnemonic.Div or Mnemonic.Idiv:
                return HasOnlyPlainOperands(i) && Operands.SizeOf(i, 0) >= 4 ? NativeForm.Divide : NativeForm.Handler;
            case Mnemonic.Pushfq:
                return NativeForm.PushFlags;
            case Mnemonic.Cli:
                return NativeForm.Cli;
            case Mnemonic.Sti:
                return NativeForm.Sti;
            case Mnemonic.Stac:
                return NativeForm.Stac;
            case Mnemonic.Clac:
                return NativeForm.Clac;
            case Mnemonic.Cld:
                return NativeForm.Cld;
            case Mnemonic.Std:
                return NativeForm.Std;
            case Mnemonic.Swapgs:
                return NativeForm.SwapGs;
            case Mnemonic.Mov when i.Op1Kind == OpKind.Register && i.Op1Register is Register.CR0 or Register.CR2 or Register.CR3 or Register.CR4:
                return NativeForm.LoadControl;
            case Mnemonic.Mov when i.Op0Kind == OpKind.Register && i.Op0Register.IsGPR() && i.Op1Kind == OpKind.Register && i.Op1Register.IsSegmentRegister():
                return NativeForm.LoadSelector;
            case Mnemonic.Mov when i.Op0Kind == OpKind.Memory && i.Op1Kind == OpKind.Register && i.Op1Register.IsSegmentRegister():
                return IsPlainAddress(i) ? NativeForm.StoreSelector : NativeForm.Handler;
            case Mnemonic.Rdfsbase or Mnemonic.Rdgsbase:
                return i.Op0Register.IsGPR64() ? NativeForm.ReadBase : NativeForm.Handler;
            case Mnemonic.Wrfsbase or Mnemonic.Wrgsbase:
                return i.Op0Register.IsGPR64() ? NativeForm.WriteBase : NativeForm.Handler;
            case Mnemonic.Rdtsc or Mnemonic.Rdtscp:
                return NativeForm.ReadTimestamp;
            case Mnemonic.Serialize:
                return NativeForm.Serialize;
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc when IsBitString(i):
                return HasOnlyPlainOperands(i) && i.Op1Register.GetSize() >= 4 ? NativeForm.BitString : NativeForm.Handler;
        }

        if (Integers.Contains(i.Mnemonic))
            return HasOnlyPlainOperands(i) && IsOnHost(i) ? NativeForm.Integer : NativeForm.Handler;
        if (FpuForms.IsNative(i))
        {
            NativeForm form = i.Mnemonic == Mnemonic.Fldcw ? NativeForm.LoadFpuControl : NativeForm.Fpu;
            return HasOnlyPlainOperands(i, FpuForms.IsRegister) ? form : NativeForm.Handler;
        }

        return i.Encoding == EncodingKind.Legacy && !NoVectors.Contains(i.Mnemonic) && IsVector(i) && HasOnlyPlainOperands(i, static register => register is >= Register.XMM0 and <= Register.XMM15) && IsOnHost(i)
            ? NativeForm.Vector : NativeForm.Handler;
    }

    /// <summary>Whether a 16-byte memory operand may lie anywhere.</summary>
    internal static bool MayBeUnaligned(Mnemonic mnemonic) => mnemonic is Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu or Mnemonic.Lddqu
        or Mnemonic.Pcmpestri or Mnemonic.Pcmpestri64 or Mnemonic.Pcmpistri || WritesVectorZero(mnemonic);

    /// <summary>Whether the whole of the first operand, an xmm register, is written without being read.</summary>
    internal static bool OverwritesVector(in Instruction i) => i.Mnemonic is Mnemonic.Movaps or Mnemonic.Movups or Mnemonic.Movapd or Mnemonic.Movupd
        or Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Lddqu or Mnemonic.Movd or Mnemonic.Movq or Mnemonic.Pshufd
        || (i.Mnemonic is Mnemonic.Movss or Mnemonic.Movsd && i.Op1Kind == OpKind.Memory);

    /// <summary>Whether the instruction reads xmm0 without naming it.</summary>
    internal static bool ReadsVectorZero(Mnemonic mnemonic) => mnemonic is Mnemonic.Blendvps or Mnemonic.Blendvpd or Mnemonic.Pblendvb or Mnemonic.Sha256rnds2;

    /// <summary>Whether the instruction writes xmm0 without naming it.</summary>
    internal static bool WritesVectorZero(Mnemonic mnemonic) => mnemonic is Mnemonic.Pcmpistrm or Mnemonic.Pcmpestrm or Mnemonic.Pcmpestrm64;

    /// <summary>Whether the emitted code must treat the flags that the decoder calls written as kept perhaps: a shift by CL, which may be zero.</summary>
    internal static bool MayKeepFlags(in Instruction i) => i.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror
            or Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shld or Mnemonic.Shrd
        && (i.OpCount < 2 || i.GetOpKind(i.OpCount - 1) != OpKind.Immediate8 || (i.Immediate8 & 31) == 0);

    private static bool IsWideTarget(in Instruction i) => i.Op0Kind == OpKind.Register
        ? i.Op0Register.IsGPR64() && i.Op0Register != Register.RSP
        : i.MemorySize == MemorySize.QwordOffset && IsPlainAddress(i);

    private static bool IsVector(in Instruction i)
    {
        foreach (CpuidFeature feature in i.CpuidFeatures)
        {
            if (!VectorFeatures.Contains(feature))
                return false;
        }

        return true;
    }

    private static bool IsOnHost(in Instruction i)
    {
        foreach (CpuidFeature feature in i.CpuidFeatures)
        {
            bool there = feature switch
            {
                CpuidFeature.BMI1 => Bmi1.X64.IsSupported,
                CpuidFeature.BMI2 => Bmi2.X64.IsSupported,
                CpuidFeature.LZCNT => Lzcnt.X64.IsSupported,
                CpuidFeature.AES => Aes.IsSupported,
                CpuidFeature.PCLMULQDQ => Pclmulqdq.IsSupported,
                CpuidFeature.SHA => HostFeatures.HasSha,
                CpuidFeature.ADX => HostFeatures.HasAdx,
                CpuidFeature.MOVBE => HostFeatures.HasMovbe,
                _ => true,
            };
            if (!there)
                return false;
        }

        return true;
    }

    // BT and its like with a register as the bit number reach beyond their memory operand.
    private static bool IsBitString(in Instruction i)
        => i.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && i.Op0Kind == OpKind.Memory && i.Op1Kind == OpKind.Register;

    private static bool HasOnlyPlainOperands(in Instruction i, Predicate<Register>? others = null)
    {
        for (int operand = 0; operand < i.OpCount; operand++)
        {
            switch (i.GetOpKind(operand))
            {
                case OpKind.Register:
                    Register register = i.GetOpRegister(operand);
                    if (!register.IsGPR() && others?.Invoke(register) != true)
                        return false;
                    break;
                case OpKind.Memory:
                    if (!IsPlainAddress(i) || IsAbsoluteMove(i.Code))
                        return false;
                    break;
                case OpKind.Immediate8 or OpKind.Immediate16 or OpKind.Immediate32 or OpKind.Immediate64 or OpKind.Immediate8to16 or OpKind.Immediate8to32
                    or OpKind.Immediate8to64 or OpKind.Immediate32to64:
                    break;
                default:
                    return false;
            }
        }

        return HandlerTable.Instance.Has(i.Code);
    }

    private static bool IsAbsoluteMove(Code code) => code is Code.Mov_AL_moffs8 or Code.Mov_AX_moffs16 or Code.Mov_EAX_moffs32 or Code.Mov_RAX_moffs64
        or Code.Mov_moffs8_AL or Code.Mov_moffs16_AX or Code.Mov_moffs32_EAX or Code.Mov_moffs64_RAX;

    // 64-bit addressing with a displacement of 32 bits.
    private static bool IsPlainAddress(in Instruction i)
    {
        Register @base = i.MemoryBase;
        Register index = i.MemoryIndex;
        bool wide = @base.IsGPR64() || @base == Register.RIP
            || (@base == Register.None && (index.IsGPR64() || (index == Register.None && i.MemoryDisplSize == 8)));
        return wide && (index == Register.None || index.IsGPR64()) && (long)i.MemoryDisplacement64 == (int)i.MemoryDisplacement64;
    }
}
