using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>Forms that cannot be compared here, with the reason; the run counts them by reason.</summary>
internal static class Exclusions
{
    /// <summary>Null: compare it.</summary>
    internal static string? ReasonFor(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        if (!form.Mode64)
            return "not in 64-bit code";
        switch (code.Mnemonic())
        {
            case Mnemonic.Syscall or Mnemonic.Sysenter or Mnemonic.Sysexit or Mnemonic.Sysexitq or Mnemonic.Sysret or Mnemonic.Sysretq or Mnemonic.Int
                or Mnemonic.Int1 or Mnemonic.Int3 or Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq or Mnemonic.Retf or Mnemonic.Vmcall or Mnemonic.Vmmcall
                or Mnemonic.Monitor or Mnemonic.Mwait or Mnemonic.Swapgs:
                return "enters another privilege level";
            case Mnemonic.Cpuid or Mnemonic.Rdtsc or Mnemonic.Rdtscp or Mnemonic.Rdpid or Mnemonic.Rdrand or Mnemonic.Rdseed or Mnemonic.Rdpmc or Mnemonic.Xgetbv
                or Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Smsw or Mnemonic.Str or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr
                or Mnemonic.Verw or Mnemonic.Rdsspd or Mnemonic.Rdsspq:
                return "answers what differs between machines";
            case Mnemonic.Rdfsbase or Mnemonic.Rdgsbase or Mnemonic.Wrfsbase or Mnemonic.Wrgsbase or Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lfs or Mnemonic.Lgs
                or Mnemonic.Lss:
                return "segment registers";
            case Mnemonic.Fxsave or Mnemonic.Fxsave64 or Mnemonic.Fxrstor or Mnemonic.Fxrstor64 or Mnemonic.Xsave or Mnemonic.Xsave64 or Mnemonic.Xsavec or Mnemonic.Xsavec64
                or Mnemonic.Xsaveopt or Mnemonic.Xsaveopt64 or Mnemonic.Xsaves or Mnemonic.Xsaves64 or Mnemonic.Xrstor or Mnemonic.Xrstor64 or Mnemonic.Xrstors
                or Mnemonic.Xrstors64 or Mnemonic.Xsetbv:
                return "state images with vendor-specific fields";
            case Mnemonic.Fstenv or Mnemonic.Fstcw or Mnemonic.Fsave or Mnemonic.Fstsw or Mnemonic.Fclex or Mnemonic.Finit or Mnemonic.Feni or Mnemonic.Fdisi
                or Mnemonic.Fsetpm:
                return "two instructions, of which the first is FWAIT";
            case Mnemonic.Fsin or Mnemonic.Fcos or Mnemonic.Fsincos or Mnemonic.Fptan or Mnemonic.Fpatan or Mnemonic.F2xm1 or Mnemonic.Fyl2x or Mnemonic.Fyl2xp1:
                return "may differ in the last place; tested by the vector family's own tests";
            case Mnemonic.In or Mnemonic.Out or Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd or Mnemonic.Cli
                or Mnemonic.Sti or Mnemonic.Hlt or Mnemonic.Clts or Mnemonic.Invd or Mnemonic.Wbinvd or Mnemonic.Wbnoinvd or Mnemonic.Invlpg or Mnemonic.Invpcid or Mnemonic.Lgdt or Mnemonic.Lidt
                or Mnemonic.Lldt or Mnemonic.Ltr or Mnemonic.Lmsw or Mnemonic.Rdmsr or Mnemonic.Wrmsr or Mnemonic.Clac or Mnemonic.Stac:
                return "privileged";
        }

        for (int i = 0; i < form.OpCount; i++)
        {
            switch (form.GetOpKind(i))
            {
                case OpCodeOperandKind.seg_reg or OpCodeOperandKind.es or OpCodeOperandKind.cs or OpCodeOperandKind.ss or OpCodeOperandKind.ds or OpCodeOperandKind.fs
                    or OpCodeOperandKind.gs:
                    return "segment registers";
                case OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg:
                    return "privileged";
                case OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2:
                    return "16-bit near branches in 64-bit code differ by vendor";
                case OpCodeOperandKind.farbr2_2 or OpCodeOperandKind.farbr4_2:
                    return "far branches";
            }
        }

        return code switch
        {
            Code.Movsxd_r16_rm16 or (>= Code.Reservednop_rm16_r16_0F0D and <= Code.Reservednop_rm64_r64_0F0D) => "undocumented, differs by vendor",
            Code.Call_rm16 or Code.Jmp_rm16 or Code.Retnw or Code.Retnw_imm16 => "16-bit near branches in 64-bit code differ by vendor",
            Code.Call_m1616 or Code.Call_m1632 or Code.Call_m1664 or Code.Jmp_m1616 or Code.Jmp_m1632 or Code.Jmp_m1664 => "far branches",
            _ => HostFeatures.Lacks(code) is string feature ? $"the host has no {feature}" : null,
        };
    }
}
