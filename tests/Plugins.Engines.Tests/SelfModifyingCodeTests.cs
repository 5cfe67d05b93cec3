using Hospes.Engines.Translator;
using Hospes.Engines.Tests.Machines;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Code that changes while it is known to the engine: by itself, through other mappings, from outside (Intel SDM volume 3, section 11.6).</summary>
public sealed class SelfModifyingCodeTests : IDisposable
{
    private const int Immediate = 1; // offset of the immediate in MOV r32, imm32
    private readonly LongModeGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    private ulong Rax => _guest.State.Registers[0];

    [Fact]
    public void A_store_into_the_next_instruction_takes_effect_at_once()
    {
        _guest.Run(static a =>
        {
            Label target = a.CreateLabel();
            a.lea(rbx, __[target]);
            a.mov(__dword_ptr[rbx + Immediate], 0x1234);
            a.Label(ref target);
            a.mov(eax, 1);
            a.@out(0xf4, al);
        });
        Rax.Should().Be(0x1234);
    }

    [Fact]
    public void A_push_and_a_locked_store_into_the_next_instruction_take_effect_at_once()
    {
        _guest.Run(static a =>
        {
            Label first = a.CreateLabel();
            Label second = a.CreateLabel();
            a.mov(rcx, rsp);
            a.lea(rsp, __[first]);
            a.add(rsp, 9);
            a.mov(rdx, 0x9090_9090_0000_0777UL);
            a.push(rdx);
            a.Label(ref first);
            a.mov(eax, 1);
            a.nop();
            a.nop();
            a.nop();
            a.nop();
            a.mov(rsp, rcx);
            a.lea(rbx, __[second]);
            a.mov(esi, 5);
            a.@lock.xadd(__dword_ptr[rbx + Immediate], esi);
            a.Label(ref second);
            a.mov(edx, 10);
            a.@out(0xf4, al);
        });
        (Rax, _guest.State.Registers[2]).Should().Be((0x777UL, 15UL));
    }

    [Fact]
    public void A_block_of_the_same_page_that_ran_before_is_forgotten()
    {
        _guest.Run(static a =>
        {
            Label routine = a.CreateLabel();
            Label main = a.CreateLabel();
            a.jmp(main);
            a.Label(ref routine);
            a.mov(eax, 1);
            a.ret();
            a.Label(ref main);
            a.call(routine);
            a.mov(r8d, eax);
            a.lea(rbx, __[routine]);
            a.mov(__byte_ptr[rbx + Immediate], 2);
            a.call(routine);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax).Should().Be((1UL, 2UL));
    }

    [Fact]
    public void The_second_page_of_an_instruction_across_pages_counts()
    {
        const ulong Crossing = 0x12ffd;
        _guest.Machine.Code(Crossing, 64, static a => { a.mov(eax, 0x1111_1111); a.ret(); });
        _guest.Run(static a =>
        {
            a.mov(rbx, 0x12ffdUL);
            a.call(rbx);
            a.mov(r8d, eax);
            a.mov(__byte_ptr[rbx + 4], 0x22);
            a.call(rbx);
            a.mov(r9d, eax);
            a.mov(__byte_ptr[rbx + 1], 0x33);
            a.call(rbx);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], _guest.State.Registers[9], Rax).Should().Be((0x1111_1111UL, 0x2211_1111UL, 0x2211_1133UL));
    }

    [Fact]
    public void The_second_page_of_an_instruction_across_pages_may_be_mapped_elsewhere_the_next_time()
    {
        const ulong Crossing = 0x12ffd;
        _guest.Machine.Code(Crossing, 64, static a => { a.mov(eax, 0x1111_1111); a.ret(); });
        _guest.Ram.Bytes(0x13000, 16).CopyTo(_guest.Ram.Bytes(0x15000, 16));
        _guest.Ram.Write(0x15001, (byte)0x44);
        ulong entry = _guest.Tables.Entry(0x13000, 1);
        _guest.Run(a =>
        {
            a.mov(rbx, Crossing);
            a.call(rbx);
            a.mov(r8d, eax);
            a.mov(__qword_ptr[entry], 0x15003);
            a.invlpg(__byte_ptr[0x13000]);
            a.call(rbx);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax).Should().Be((0x1111_1111UL, 0x4411_1111UL));
    }

    [Fact]
    public void A_write_through_another_mapping_counts()
    {
        const ulong Alias = 0x60_0000;
        _guest.Tables.Map(Alias, 0x12000);
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(eax, 1); a.ret(); });
        _guest.Run(static a =>
        {
            a.mov(rbx, 0x12000UL);
            a.mov(rcx, Alias);
            a.mov(__byte_ptr[rcx + 64], 0);
            a.call(rbx);
            a.mov(r8d, eax);
            a.mov(__byte_ptr[rcx + Immediate], 7);
            a.call(rbx);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax).Should().Be((1UL, 7UL));
    }

    [Fact]
    public void A_string_move_over_code_counts()
    {
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(eax, 1); a.ret(); });
        _guest.Ram.Write(0x13000, 0x0000_0009_b8UL);
        _guest.Ram.Write(0x13005, (byte)0xc3);
        _guest.Run(static a =>
        {
            a.mov(rbx, 0x12000UL);
            a.call(rbx);
            a.mov(r8d, eax);
            a.mov(rdi, rbx);
            a.mov(esi, 0x13000);
            a.mov(ecx, 6);
            a.rep.movsb();
            a.call(rbx);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax).Should().Be((1UL, 9UL));
    }

    [Fact]
    public void What_a_device_wrote_counts_when_the_machine_is_told()
    {
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port != 0x99)
                return;
            _guest.Ram.Write(0x12001, 5);
            _guest.Machine.Machine.ContentWritten(new GuestPhysical(0x12001), 4);
        };
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(eax, 1); a.ret(); });
        _guest.Run(static a =>
        {
            a.mov(rbx, 0x12000UL);
            a.call(rbx);
            a.mov(r8d, eax);
            a.@out(0x99, al);
            a.call(rbx);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax).Should().Be((1UL, 5UL));
    }

    [Fact]
    public void Other_memory_behind_a_frame_counts_when_the_machine_is_told()
    {
        _guest.Machine.Code(0x12000, 64, static a => { a.mov(eax, 1); a.ret(); });
        _guest.Machine.Code(0x14000, 64, static a => { a.mov(eax, 6); a.ret(); });
        _guest.Host.OnWrite = (port, _) =>
        {
            if (port != 0x99)
                return;
            _guest.Ram.Remap(0x12, 0x14);
            _guest.Machine.Machine.MappingChanged(new GuestFrame(0x12), 1);
        };
        _guest.Run(static a =>
        {
            a.mov(rbx, 0x12000UL);
            a.call(rbx);
            a.mov(r8d, eax);
            a.@out(0x99, al);
            a.call(rbx);
            a.mov(ecx, __[rbx + 1]);
            a.@out(0xf4, al);
        });
        (_guest.State.Registers[8], Rax, _guest.State.Registers[1]).Should().Be((1UL, 6UL, 6UL));
    }

    [Fact]
    public void A_loop_that_rewrites_its_own_immediate_sees_every_value()
    {
        const int Turns = 40_000;
        _guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label target = a.CreateLabel();
            a.mov(ecx, 0);
            a.xor(r8, r8);
            a.lea(rbx, __[target]);
            a.Label(ref again);
            a.mov(__[rbx + Immediate], ecx);
            a.Label(ref target);
            a.mov(eax, 0x7fff_ffff);
            a.add(r8, rax);
            a.inc(ecx);
            a.cmp(ecx, Turns);
            a.jne(again);
            a.@out(0xf4, al);
        });
        _guest.State.Registers[8].Should().Be((ulong)Turns * (Turns - 1) / 2);
    }

    [Fact]
    public void Blocks_tied_together_come_apart_when_one_of_them_changes()
    {
        _guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label behind = a.CreateLabel();
            Label patched = a.CreateLabel();
            Label skip = a.CreateLabel();
            a.xor(r8, r8);
            a.mov(ecx, 100);
            a.lea(rbx, __[patched]);
            a.Label(ref again);
            a.test(ecx, ecx);
            a.je(behind);
            a.jmp(patched);
            a.Label(ref behind);
            a.@out(0xf4, al);
            a.Label(ref patched);
            a.mov(eax, 1);
            a.add(r8, rax);
            a.dec(ecx);
            a.cmp(ecx, 50);
            a.jne(skip);
            a.mov(__byte_ptr[rbx + Immediate], 3);
            a.Label(ref skip);
            a.jmp(again);
        });
        _guest.State.Registers[8].Should().Be(50 + 150);
    }

    [Theory]
    [InlineData(1 << 20, 64 << 20, int.MaxValue)]
    [InlineData(1 << 20, 64 << 20, 0)]
    [InlineData(16 << 20, 1 << 20, 0)]
    public void The_cache_is_emptied_when_its_memory_is_used_up_and_code_runs_on(int arena, int code, int compileAfter)
    {
        using var guest = new LongModeGuest(new TranslatorOptions { ArenaBytes = arena, CodeBytes = code, CompileAfter = compileAfter });
        const int Routines = 20_000;
        const ulong First = 0x40_0000;
        guest.Tables.Identity(First, First + (Routines * 64));
        for (int i = 0; i < Routines; i++)
        {
            ulong at = First + ((ulong)i * 64);
            ulong next = i + 1 < Routines ? at + 64 : LongModeGuest.Stubs + 0x2000;
            guest.Machine.Code(at, 64, a =>
            {
                Label skip = a.CreateLabel();
                a.add(rax, i & 7);
                a.test(eax, 1);
                a.je(skip);
                a.inc(rcx);
                a.Label(ref skip);
                a.jmp(next);
            });
        }

        guest.Machine.Code(LongModeGuest.Stubs + 0x2000, 64, static a => a.@out(0xf4, al));
        for (int turn = 0; turn < 3; turn++)
        {
            guest.Run(static a => { a.xor(eax, eax); a.xor(ecx, ecx); a.mov(rbx, First); a.jmp(rbx); });
            guest.State.Registers[0].Should().Be((ulong)Enumerable.Range(0, Routines).Sum(i => i & 7));
        }

        guest.Machine.Cpu.Blocks.Flushes.Should().BeGreaterThan(3);
    }
}
