using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Interpret.Fpu;
using Hospes.Engines.Translator.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Vector.Tests;

/// <summary>x87 beyond single results: reported exceptions, pointers, and the images in memory.</summary>
public sealed unsafe class FpuStateTests : IDisposable
{
    private const byte DeviceNotAvailable = 7;
    private const byte FpuError = 16;
    private readonly LowMemory _memory = new(8192, executable: false);
    private readonly GuestProcessor _guest;
    private readonly CpuContext* _c;

    public FpuStateTests()
    {
        _guest = new GuestProcessor((ulong)_memory.Address + 1024);
        _c = _guest.Cpu.C;
        _c->Gpr[7] = _guest.DataAddress;
        _c->Cs.Selector = 0x33;
        _c->Ds.Selector = 0x2b;
        FpuUnit.Initialize(_c);
    }

    [Fact]
    public void An_unmasked_exception_is_reported_by_the_next_waiting_instruction()
    {
        _c->FpuControl = 0x37b; // division by zero
        Runs(Assemble(a => a.fld1()));
        Runs(Assemble(a => a.fldz()));
        Runs(Assemble(a => a.fdivp(st1, st0)));
        _c->FpuTop.Should().Be(6, "nothing was popped");
        (FpuControl.Status(_c) & 0x80bf).Should().Be(0x8084);
        Fails(Assemble(a => a.fld1()), FpuError);
        Fails(Assemble(a => a.wait()), FpuError);
        Fails(Assemble(a => a.fldcw(__word_ptr[rdi])), FpuError);

        // Those that don't wait go on, and can repair it.
        Runs(Assemble(a => a.fnstsw(ax)));
        ((ushort)_c->Gpr[0] & 0x80bf).Should().Be(0x8084);
        Runs(Assemble(a => a.fnclex()));
        Runs(Assemble(a => a.fld1()));
    }

    [Fact]
    public void Unmasking_what_is_flagged_already_reports_it()
    {
        Runs(Assemble(a => a.fld1()));
        Runs(Assemble(a => a.fldz()));
        Runs(Assemble(a => a.fdivp(st1, st0)));
        FpuUnit.Read(_c, 0).Should().Be(Extended.Infinity(negative: false));
        *(ushort*)_guest.Data = 0x37b;
        Runs(Assemble(a => a.fldcw(__word_ptr[rdi])));
        Fails(Assemble(a => a.fldz()), FpuError);
    }

    [Theory]
    [InlineData(true, false, true, true)]
    [InlineData(false, true, true, false)]
    [InlineData(true, true, true, true)]
    [InlineData(false, false, false, false)]
    public void Control_register_0_decides_who_gets_device_not_available(bool taskSwitched, bool emulation, bool escape, bool wait)
    {
        _c->Cr0 |= Bits.Cr0MonitorCoprocessor | (taskSwitched ? Bits.Cr0TaskSwitched : 0) | (emulation ? Bits.Cr0Emulation : 0);
        Check(Assemble(a => a.fld1()), escape);
        Check(Assemble(a => a.fninit()), escape);
        Check(Assemble(a => a.fnstsw(ax)), escape);
        Check(Assemble(a => a.wait()), wait);
        _c->Cr0 &= ~Bits.Cr0MonitorCoprocessor;
        Check(Assemble(a => a.wait()), false);

        void Check(in Instruction instruction, bool fails)
        {
            if (fails)
                Fails(instruction, DeviceNotAvailable);
            else
                Runs(instruction);
        }
    }

    [Fact]
    public void Pointers_follow_arithmetic_and_stay_at_control_instructions()
    {
        *(double*)_guest.Data = 2.5;
        Runs(Assemble(a => a.fld(__qword_ptr[rdi])));
        _c->FpuInstruction.Should().Be(GuestProcessor.Start);
        _c->FpuInstructionSelector.Should().Be(0x33);
        _c->FpuData.Should().Be(0, "the data pointer is kept for unmasked exceptions only");
        _c->FpuInstruction = 0x1234;
        Runs(Assemble(a => a.fnstcw(__word_ptr[rdi + 8])));
        _c->FpuInstruction.Should().Be(0x1234);
        Runs(Assemble(a => a.fld1()));
        _c->FpuInstruction.Should().Be(GuestProcessor.Start);
    }

    [Fact]
    public void The_data_pointer_is_kept_of_what_raised_an_unmasked_exception()
    {
        *(double*)_guest.Data = 0;
        _c->FpuControl = 0x37b;
        Runs(Assemble(a => a.fld1()));
        Runs(Assemble(a => a.fdiv(__qword_ptr[rdi])));
        _c->FpuData.Should().Be(_guest.DataAddress);
        _c->FpuDataSelector.Should().Be(0x2b);
        (_c->FpuStatus & 0x84).Should().Be(0x84);
    }

    [Fact]
    public void The_opcode_is_kept_of_what_raised_an_unmasked_exception()
    {
        // The instruction must lie in memory, from where its bytes are read: fdiv st0, st1 behind an address-size prefix.
        byte[] code = [0x67, 0xd8, 0xf1];
        code.CopyTo(new Span<byte>(_guest.Data, code.Length));
        _c->FpuControl = 0x37b;
        Runs(Assemble(a => a.fldz()));
        Runs(Assemble(a => a.fld1()));
        _guest.Execute(code, _guest.DataAddress).Should().Be(StepResult.Next);
        _c->FpuOpcode.Should().Be(0x0f1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_environment_comes_back_as_it_was_stored(bool narrow)
    {
        Runs(Assemble(a => a.fldz()));
        Runs(Assemble(a => a.fld1()));
        FpuUnit.Push(_c, Extended.Infinity(negative: true));
        _c->FpuControl = 0x372;
        _c->FpuStatus = 0x4100;
        _c->FpuInstruction = 0xaabb_1122;
        _c->FpuInstructionSelector = 0x33;
        _c->FpuData = 0xccdd_3344;
        _c->FpuDataSelector = 0x2b;
        _c->FpuOpcode = 0x5a5;
        Runs(Form(narrow ? Code.Fnstenv_m14byte : Code.Fnstenv_m28byte));
        ushort* words = (ushort*)_guest.Data;
        uint* values = (uint*)_guest.Data;
        (narrow ? words[0] : values[0] - 0xffff_0000).Should().Be(0x372);
        (narrow ? words[1] : values[1] - 0xffff_0000).Should().Be(0x4100 | (5 << 11));
        (narrow ? words[2] : values[2] - 0xffff_0000).Should().Be(0b01_00_10_11_11_11_11_11);
        (narrow ? words[3] : values[3]).Should().Be(narrow ? 0x1122u : 0xaabb_1122);
        (narrow ? words[4] : values[4]).Should().Be(narrow ? 0x33u : 0x5a5_0033);
        (narrow ? words[5] : values[5]).Should().Be(narrow ? 0x3344u : 0xccdd_3344);
        (narrow ? words[6] : (ushort)values[6]).Should().Be(0x2b);
        _c->FpuControl.Should().Be(0x37f, "exceptions are masked by the store");

        FpuUnit.Initialize(_c);
        Runs(Form(narrow ? Code.Fldenv_m14byte : Code.Fldenv_m28byte));
        _c->FpuControl.Should().Be(0x372);
        FpuControl.Status(_c).Should().Be(0x4100 | (5 << 11));
        _c->FpuTags.Should().Be(0b1110_0000);
        _c->FpuInstruction.Should().Be(narrow ? 0x1122u : 0xaabb_1122);
        _c->FpuDataSelector.Should().Be(0x2b);
    }

    [Fact]
    public void Real_mode_images_hold_linear_addresses()
    {
        _c->Cr0 &= ~Bits.Cr0ProtectionEnable;
        _c->FpuInstruction = 0x1234;
        _c->FpuInstructionSelector = 0xf000;
        _c->FpuData = 0x10;
        _c->FpuDataSelector = 0x2000;
        _c->FpuOpcode = 0x123;
        Runs(Form(Code.Fnstenv_m14byte));
        ushort* words = (ushort*)_guest.Data;
        words[3].Should().Be(0x1234);
        words[4].Should().Be(0xf123);
        words[5].Should().Be(0x0010);
        words[6].Should().Be(0x2000);
        Runs(Form(Code.Fldenv_m14byte));
        _c->FpuInstruction.Should().Be(0xf1234);
        _c->FpuData.Should().Be(0x20010);
        _c->FpuOpcode.Should().Be(0x123);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Saved_state_comes_back_and_saving_initializes(bool narrow)
    {
        for (int i = 0; i < 5; i++)
            FpuUnit.Push(_c, new Extended((ushort)(0x4000 + i), 0x8000_0000_0000_0000 + (ulong)i));
        _c->FpuControl = 0xf7f;
        _c->FpuStatus = 0x0021;
        Runs(Form(narrow ? Code.Fnsave_m94byte : Code.Fnsave_m108byte));
        _c->FpuControl.Should().Be(0x37f);
        FpuControl.Status(_c).Should().Be(0);
        _c->FpuTags.Should().Be(0);
        (*(ulong*)(_guest.Data + (narrow ? 14 : 28))).Should().Be(0x8000_0000_0000_0004, "ST(0) comes first");
        Runs(Form(narrow ? Code.Frstor_m94byte : Code.Frstor_m108byte));
        _c->FpuControl.Should().Be(0xf7f);
        _c->FpuTags.Should().Be(0b1111_1000);
        for (int i = 0; i < 5; i++)
            FpuUnit.Read(_c, i).Should().Be(new Extended((ushort)(0x4004 - i), 0x8000_0000_0000_0004 - (ulong)i));
        (FpuControl.Status(_c) & 0xff).Should().Be(0x21);
    }

    [Fact]
    public void A_store_that_faults_neither_pops_nor_flags()
    {
        Runs(Assemble(a => a.fldpi()));
        _c->Gpr[7] = 0x0000_8000_0000_0000;
        Fails(Assemble(a => a.fstp(__dword_ptr[rdi])), 13);
        _c->FpuTop.Should().Be(7);
        _c->FpuStatus.Should().Be(0);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _memory.Dispose();
    }

    private static Instruction Form(Code code)
    {
        var instruction = new Instruction { Code = code, Op0Kind = OpKind.Memory, MemoryBase = Register.RDI, MemoryDisplSize = 0 };
        return instruction;
    }

    private static Instruction Assemble(Action<Assembler> emit)
    {
        var assembler = new Assembler(64);
        emit(assembler);
        return assembler.Instructions[0];
    }

    private void Runs(in Instruction instruction) => _guest.Run(instruction).Should().Be(StepResult.Next);

    private void Fails(in Instruction instruction, byte vector)
    {
        _guest.Run(instruction).Should().Be(StepResult.Fault);
        _c->FaultVector.Should().Be(vector);
        _c->Rip.Should().Be(GuestProcessor.Start);
    }
}
