using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>x87 and MMX in emitted code: the registers are the host's own there, and must be the guest's again wherever it is left.</summary>
public sealed class FpuCodeTests : IDisposable
{
    private const ulong Code = LongModeGuest.CodeAt;
    private const ulong Data = LongModeGuest.Data;
    private const int Rounds = 100;
    private const int DeviceNotAvailable = 7;
    private const int FpuError = 16;
    private const int TaskSwitched = 1 << 3;

    private readonly LongModeGuest _guest = new();

    public FpuCodeTests() => _guest.State.Registers[3] = Data;

    public void Dispose() => _guest.Dispose();

    private ulong Rax => _guest.State.Registers[0];

    [Fact]
    public void A_loop_runs_without_handlers_and_keeps_its_numbers_over_pages_that_are_new_to_it()
    {
        Run(a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, Rounds);
            a.fldz();
            a.Label(ref again);
            a.mov(__dword_ptr[rbx], ecx);
            a.fild(__dword_ptr[rbx]);
            a.faddp(st1, st0);
            a.fst(__qword_ptr[rbx + 8]);
            a.add(rbx, 4096);
            a.dec(ecx);
            a.jne(again);
            a.fistp(__qword_ptr[rsp - 8]);
            a.mov(rax, __qword_ptr[rsp - 8]);
        });
        Rax.Should().Be(Rounds * (Rounds + 1) / 2);
        IReadOnlyDictionary<string, long> counters = _guest.Machine.Machine.Statistics;
        counters["exit/handler"].Should().BeLessThan(10);
        counters["tlb-fills"].Should().BeGreaterThan(Rounds / 2, "the pages were new");
        counters["exit/fpu"].Should().BePositive();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_instruction_is_known_whatever_came_between(bool touchesNewPage)
    {
        const ulong Far = Code + 0x1800;
        _guest.Machine.Code(Far, 64, a =>
        {
            a.db(0xd9, 0x74, 0x24, 0x80); // fnstenv [rsp - 128]
            a.mov(eax, __dword_ptr[rsp - 128 + 12]);
            a.@out(0xf4, al);
        });
        Run(a =>
        {
            a.fld1();
            a.fldpi();
            a.nop();
            a.fmul(st0, st1);
            a.fnstcw(__word_ptr[rsp - 64]);
            if (touchesNewPage)
                a.mov(__dword_ptr[rbx + 0x5000], 1);
            a.jmp(Far);
        });
        Rax.Should().Be(Code + 5);
    }

    [Fact]
    public void An_exception_that_is_unmasked_on_the_way_is_delivered_by_the_next_instruction()
    {
        Run(
            a =>
            {
                a.mov(__word_ptr[rbx], 0x37b);
                a.fldz();
                a.fld1();
                a.fldcw(__word_ptr[rbx]);
                a.fdiv(st0, st1);
                a.mov(eax, 1);
                a.fld1();
                a.mov(eax, 2);
            },
            fault: FpuError);
        Rax.Should().Be(1);
    }

    [Fact]
    public void A_control_word_that_masks_all_is_loaded_without_a_handler_and_holds()
    {
        Run(a =>
        {
            a.mov(__dword_ptr[rbx], 0x037f_0f7f); // towards zero; to nearest
            a.mov(__dword_ptr[rbx + 4], 0x3fe6_6666); // 1.8
            a.fld(__dword_ptr[rbx + 4]);
            a.fldcw(__word_ptr[rbx]);
            a.fist(__dword_ptr[rbx + 8]);
            a.fldcw(__word_ptr[rbx + 2]);
            a.fistp(__dword_ptr[rbx + 12]);
            a.mov(rax, __qword_ptr[rbx + 8]);
        });
        Rax.Should().Be(0x2_0000_0001);
        _guest.Machine.Machine.Statistics.Keys.Should().NotContain("handler/Fldcw_m2byte");
    }

    [Fact]
    public void Nothing_runs_while_the_kernel_wants_to_be_asked_first()
    {
        Run(
            a =>
            {
                a.fld1();
                a.fld1();
                a.mov(rdx, cr0);
                a.or(rdx, TaskSwitched);
                a.mov(cr0, rdx);
                a.mov(eax, 1);
                a.faddp(st1, st0);
                a.mov(eax, 2);
            },
            fault: DeviceNotAvailable);
        Rax.Should().Be(1);
    }

    [Fact]
    public void Multimedia_registers_are_the_same_ones()
    {
        Run(a =>
        {
            a.mov(rdx, 0x0102_0304_0506_0708);
            a.movq(mm3, rdx);
            a.paddb(mm3, mm3);
            a.push(rbx);
            a.cpuid(); // a handler between
            a.pop(rbx);
            a.movq(rax, mm3);
            a.emms();
            a.fld1();
            a.fistp(__qword_ptr[rbx]);
            a.add(rax, __qword_ptr[rbx]);
        });
        Rax.Should().Be(0x0204_0608_0a0c_0e11);
    }

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
