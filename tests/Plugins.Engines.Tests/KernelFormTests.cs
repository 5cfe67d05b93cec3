using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>What kernels do all the time and emitted code does by itself: bases of FS and GS, selectors, SERIALIZE, the stack pointer from the stack.</summary>
public sealed class KernelFormTests : IDisposable
{
    private const ulong Data = LongModeGuest.Data;
    private const ulong BaseInstructions = 1 << 16;
    private const int InvalidOpcode = 6;
    private const int GeneralProtection = 13;

    private readonly LongModeGuest _guest = new();

    public KernelFormTests()
    {
        _guest.State.Registers[3] = Data;
        _guest.State.Cr4 |= BaseInstructions;
    }

    public void Dispose() => _guest.Dispose();

    private ulong Rax => _guest.State.Registers[0];

    [Fact]
    public void Bases_are_written_used_and_read_without_handlers()
    {
        _guest.Ram.Write(Data + 0x18, 0x1111UL);
        _guest.Ram.Write(Data + 0x1018, 0x2222UL);
        Run(a =>
        {
            a.wrfsbase(rbx);
            a.mov(r9, __qword_ptr.fs[0x18]);
            a.lea(r10, __[rbx + 0x1000]);
            a.wrfsbase(r10);
            a.add(r9, __qword_ptr.fs[0x18]);
            a.wrgsbase(rbx);
            a.rdfsbase(r11);
            a.rdgsbase(rcx);
            a.sub(r11, rcx);
            a.shl(r11, 16);
            a.lea(rax, __[r9 + r11]);
        });
        Rax.Should().Be(0x1000_3333);
        HandlerExits.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, InvalidOpcode)]
    [InlineData(true, GeneralProtection)]
    public void Bases_are_refused_as_ever(bool allowed, int fault)
    {
        if (!allowed)
            _guest.State.Cr4 &= ~BaseInstructions;
        Run(
            a =>
            {
                a.mov(rdx, 0x1234_0000_0000_0000);
                a.mov(eax, 1);
                a.wrfsbase(rdx);
                a.mov(eax, 2);
            },
            fault);
        Rax.Should().Be(1);
    }

    [Fact]
    public void Selectors_are_stored_as_two_bytes()
    {
        _guest.Ram.Write(Data, ulong.MaxValue);
        Run(a =>
        {
            a.mov(__word_ptr[rbx + 2], cs);
            a.mov(rax, __qword_ptr[rbx]);
        });
        Rax.Should().Be(0xffff_ffff_0000_ffff | ((ulong)LongModeGuest.KernelCode << 16));
        HandlerExits.Should().BeEmpty();
    }

    [Fact]
    public void Selectors_change_two_bytes_of_a_register_or_all()
    {
        Run(a =>
        {
            a.mov(rax, 0x1111_2222_3333_4444);
            a.mov(r10, rax);
            a.mov(ax, cs);
            a.mov(r10w, ds);
            a.add(rax, r10);
            a.mov(ecx, ss);
            a.add(rax, rcx);
        });
        Rax.Should().Be(0x2222_4444_6666_0000 + LongModeGuest.KernelCode + (2UL * LongModeGuest.KernelData));
        HandlerExits.Should().BeEmpty();
    }

    [Fact]
    public void The_stack_pointer_comes_from_the_stack()
    {
        Run(a =>
        {
            a.push(rbx);
            a.pop(rsp);
            a.mov(rax, rsp);
            a.mov(rsp, LongModeGuest.StackTop);
        });
        Rax.Should().Be(Data);
        HandlerExits.Should().BeEmpty();
    }

    [Fact]
    public void Second_bytes_of_registers_go_anywhere()
    {
        Run(a =>
        {
            a.mov(eax, 0x1234);
            a.mov(edx, 0xaa00);
            a.mov(__byte_ptr[rbx], ah);
            a.add(dh, __byte_ptr[rbx]);
            a.movzx(ebp, dh);
            a.mov(__byte_ptr[rbx + 1], dh);
            a.movzx(ecx, __word_ptr[rbx]);
            a.mov(rax, rbp);
            a.shl(rax, 16);
            a.or(rax, rcx);
        });
        Rax.Should().Be(0xbc_bc12);
        HandlerExits.Should().BeEmpty();
    }

    [Fact]
    public void Bits_of_bitmaps_leave_the_other_flags_alone()
    {
        Run(a =>
        {
            a.mov(ecx, 77);
            a.xor(edx, edx); // zero flag
            a.@lock.bts(__qword_ptr[rbx], rcx);
            a.sete(al);
            a.setb(ah);
            a.cmp(edx, 1); // neither zero nor above
            a.bt(__qword_ptr[rbx], rcx);
            a.setne(dl);
            a.adc(dl, dl);
            a.movzx(eax, ax);
            a.shl(eax, 8);
            a.mov(al, dl);
        });
        Rax.Should().Be(0x00_0103);
        _guest.Ram.Read<ulong>(Data + 8).Should().Be(1UL << (77 - 64));
        HandlerExits.Should().BeEmpty();
    }

    [Fact]
    public void Code_written_just_before_is_run_after_serialize()
    {
        Run(a =>
        {
            Label again = a.CreateLabel(), patched = a.CreateLabel();
            a.mov(ecx, 50);
            a.xor(eax, eax);
            a.lea(rdx, __[patched]);
            a.Label(ref again);
            a.mov(__byte_ptr[rdx + 2], cl); // the number that is added below
            a.serialize();
            a.Label(ref patched);
            a.db(0x83, 0xc0, 0); // add eax, imm8
            a.dec(ecx);
            a.jne(again);
        });
        Rax.Should().Be(50 * 51 / 2);
    }

    private IEnumerable<string> HandlerExits => _guest.Machine.Machine.Statistics.Keys.Where(static key => key.StartsWith("handler/", StringComparison.Ordinal) && !key.StartsWith("handler/Out", StringComparison.Ordinal));

    private void Run(Action<Assembler> code, int? fault = null)
    {
        _guest.Run(a =>
        {
            code(a);
            a.@out(0xf4, al);
        });
        (_guest.Fault()?.Vector).Should().Be(fault);
    }
}
