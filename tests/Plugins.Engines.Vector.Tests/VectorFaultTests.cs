using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Vector.Tests;

/// <summary>When SSE and MMX instructions must not run, and what they leave behind then.</summary>
public sealed unsafe class VectorFaultTests : IDisposable
{
    private const byte InvalidOpcode = 6;
    private const byte DeviceNotAvailable = 7;
    private const byte GeneralProtection = 13;
    private const byte FpuError = 16;
    private const byte SimdError = 19;
    private const uint ZeroDivide = 4;
    private const uint Inexact = 0x20;
    private readonly LowMemory _memory = new(8192, executable: false);
    private readonly GuestProcessor _guest;
    private readonly CpuContext* _c;

    public VectorFaultTests()
    {
        _guest = new GuestProcessor((ulong)_memory.Address + 1024);
        _c = _guest.Cpu.C;
        _c->Gpr[7] = _guest.DataAddress;
    }

    public static TheoryData<string> SseInstructions => ["movaps", "addsd", "paddb", "pshufd", "cvtsi2sd", "ldmxcsr", "pcmpistri", "movmskps", "dpps"];

    [Theory]
    [MemberData(nameof(SseInstructions))]
    public void Sse_obeys_control_registers(string name)
    {
        Instruction instruction = Sample(name);
        _c->Cr0 |= Bits.Cr0TaskSwitched;
        Fails(instruction, DeviceNotAvailable);
        _c->Cr0 |= Bits.Cr0Emulation;
        Fails(instruction, InvalidOpcode);
        _c->Cr0 &= ~(Bits.Cr0Emulation | Bits.Cr0TaskSwitched);
        _c->Cr4 &= ~Bits.Cr4FxsrSse;
        Fails(instruction, InvalidOpcode);
        _c->Cr4 |= Bits.Cr4FxsrSse;
        *(uint*)_guest.Data = 0x1f80;
        _guest.Run(instruction).Should().Be(StepResult.Next);
    }

    [Fact]
    public void Mmx_obeys_control_registers_but_not_osfxsr()
    {
        Instruction instruction = Assemble(a => a.paddb(mm0, mm1));
        _c->Cr4 &= ~Bits.Cr4FxsrSse;
        _guest.Run(instruction).Should().Be(StepResult.Next);
        _c->Cr0 |= Bits.Cr0TaskSwitched;
        Fails(instruction, DeviceNotAvailable);
        _c->Cr0 |= Bits.Cr0Emulation;
        Fails(instruction, InvalidOpcode);
    }

    [Fact]
    public void Mmx_reports_a_pending_x87_exception()
    {
        _c->FpuStatus = 0x8081;
        _c->FpuControl = 0x37e;
        Fails(Assemble(a => a.paddb(mm0, mm1)), FpuError);
        Fails(Assemble(a => a.emms()), FpuError);
        _guest.Run(Assemble(a => a.paddb(xmm0, xmm1))).Should().Be(StepResult.Next, "SSE has nothing to do with x87");
    }

    [Fact]
    public void Fences_and_movnti_need_no_sse_state()
    {
        _c->Cr4 &= ~Bits.Cr4FxsrSse;
        _c->Cr0 |= Bits.Cr0TaskSwitched;
        _guest.Run(Assemble(a => a.mfence())).Should().Be(StepResult.Next);
        _guest.Run(Assemble(a => a.lfence())).Should().Be(StepResult.Next);
        _guest.Run(Assemble(a => a.sfence())).Should().Be(StepResult.Next);
        _c->Gpr[0] = 0x1122_3344_5566_7788;
        _guest.Run(Assemble(a => a.movnti(__qword_ptr[rdi], rax))).Should().Be(StepResult.Next);
        (*(ulong*)_guest.Data).Should().Be(0x1122_3344_5566_7788);
    }

    [Fact]
    public void A_misaligned_operand_is_a_general_protection_fault()
    {
        _c->Gpr[7]++;
        Fails(Assemble(a => a.movaps(xmm0, __[rdi])), GeneralProtection);
        Fails(Assemble(a => a.movntdq(__[rdi], xmm0)), GeneralProtection);
        Fails(Assemble(a => a.addps(xmm0, __[rdi])), GeneralProtection);
        Fails(Assemble(a => a.pshufb(xmm0, __[rdi])), GeneralProtection);
        _guest.Run(Assemble(a => a.movups(xmm0, __[rdi]))).Should().Be(StepResult.Next);
        _guest.Run(Assemble(a => a.addsd(xmm0, __qword_ptr[rdi]))).Should().Be(StepResult.Next);
        _guest.Run(Assemble(a => a.pcmpistri(xmm0, __[rdi], 0))).Should().Be(StepResult.Next);
    }

    [Fact]
    public void A_non_canonical_address_is_a_general_protection_fault_or_a_stack_fault()
    {
        _c->Gpr[7] = 0x0000_8000_0000_0000;
        _c->Gpr[5] = 0x0000_7fff_ffff_fff8;
        Fails(Assemble(a => a.movups(xmm0, __[rdi])), GeneralProtection);
        Fails(Assemble(a => a.movups(xmm0, __[rbp])), 12);
    }

    [Theory]
    [InlineData(true, SimdError)]
    [InlineData(false, InvalidOpcode)]
    public void An_unmasked_exception_is_reported_and_leaves_the_destination(bool handled, byte vector)
    {
        if (!handled)
            _c->Cr4 &= ~Bits.Cr4SimdExceptions;
        ((double*)_c->Vector)[0] = 1;
        ((double*)_c->Vector)[4] = 0;
        _c->Mxcsr = 0x1f80 & ~(ZeroDivide << 7);
        Fails(Assemble(a => a.divsd(xmm0, xmm1)), vector);
        ((double*)_c->Vector)[0].Should().Be(1);
        (_c->Mxcsr & 0x3f).Should().Be(ZeroDivide);
    }

    [Fact]
    public void An_exception_known_before_computing_hides_those_of_other_elements()
    {
        double* first = (double*)_c->Vector;
        double* second = (double*)(_c->Vector + 32);
        (first[0], first[1]) = (1, 1);
        (second[0], second[1]) = (0, 3);
        _c->Mxcsr = 0x1f80 & ~(ZeroDivide << 7);
        Fails(Assemble(a => a.divpd(xmm0, xmm1)), SimdError);
        (_c->Mxcsr & 0x3f).Should().Be(ZeroDivide, "1/3 was not computed");
        _c->Mxcsr = 0x1f80;
        _guest.Run(Assemble(a => a.divpd(xmm0, xmm1))).Should().Be(StepResult.Next);
        (_c->Mxcsr & 0x3f).Should().Be(ZeroDivide | Inexact);
        first[0].Should().Be(double.PositiveInfinity);
        first[1].Should().Be(1.0 / 3);
    }

    [Fact]
    public void Ldmxcsr_refuses_reserved_bits_and_stmxcsr_gives_back()
    {
        *(uint*)_guest.Data = 0x1_0000;
        Fails(Assemble(a => a.ldmxcsr(__dword_ptr[rdi])), GeneralProtection);
        _c->Mxcsr.Should().Be(0x1f80);
        *(uint*)_guest.Data = 0xffc1;
        _guest.Run(Assemble(a => a.ldmxcsr(__dword_ptr[rdi]))).Should().Be(StepResult.Next);
        _guest.Run(Assemble(a => a.stmxcsr(__dword_ptr[rdi + 4]))).Should().Be(StepResult.Next);
        ((uint*)_guest.Data)[1].Should().Be(0xffc1);
    }

    [Fact]
    public void Mmx_writes_are_seen_by_x87_and_emms_frees_all()
    {
        _c->FpuTop = 5;
        _c->FpuTags = 0;
        _c->Gpr[0] = 0x1234;
        _guest.Run(Assemble(a => a.movd(mm3, eax))).Should().Be(StepResult.Next);
        _c->FpuTop.Should().Be(0);
        _c->FpuTags.Should().Be(0xff);
        _c->FpuSignificand[3].Should().Be(0x1234);
        _c->FpuExponent[3].Should().Be(0xffff);
        _guest.Run(Assemble(a => a.emms())).Should().Be(StepResult.Next);
        _c->FpuTags.Should().Be(0);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _memory.Dispose();
    }

    private static Instruction Sample(string name) => name switch
    {
        "movaps" => Assemble(a => a.movaps(xmm0, xmm1)),
        "addsd" => Assemble(a => a.addsd(xmm0, xmm1)),
        "paddb" => Assemble(a => a.paddb(xmm0, xmm1)),
        "pshufd" => Assemble(a => a.pshufd(xmm0, xmm1, 3)),
        "cvtsi2sd" => Assemble(a => a.cvtsi2sd(xmm0, eax)),
        "ldmxcsr" => Assemble(a => a.ldmxcsr(__dword_ptr[rdi])),
        "pcmpistri" => Assemble(a => a.pcmpistri(xmm0, xmm1, 0)),
        "movmskps" => Assemble(a => a.movmskps(eax, xmm0)),
        _ => Assemble(a => a.dpps(xmm0, xmm1, 0xff)),
    };

    private static Instruction Assemble(Action<Assembler> emit)
    {
        var assembler = new Assembler(64);
        emit(assembler);
        return assembler.Instructions[0];
    }

    private void Fails(in Instruction instruction, byte vector)
    {
        _guest.Run(instruction).Should().Be(StepResult.Fault);
        _c->FaultVector.Should().Be(vector);
        _c->FaultHasError.Should().Be(vector is GeneralProtection or 12);
        _c->Rip.Should().Be(GuestProcessor.Start);
    }
}
