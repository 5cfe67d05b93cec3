using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Emitted code for instructions that begin on one page and end on the next.</summary>
public sealed class TwoPageCodeTests : IDisposable
{
    private const ulong Upper = 0xffff_9000_0000_0000;
    private const ulong Code = LongModeGuest.UserCodeAt;
    private const ulong SecondPage = Code + 0x1000;
    private const int Rounds = 2000;

    private readonly LongModeGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    private ulong this[int register] => _guest.State.Registers[register];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_loop_with_one_stays_in_emitted_code(int bytesOnFirstPage)
    {
        Run(bytesOnFirstPage, static a => a.add(__dword_ptr[rbx + 0x100], 0x01020304));
        _guest.Ram.Read<uint>(LongModeGuest.UserStackTop - 0x1000 + 0x100).Should().Be(unchecked((uint)(Rounds * 0x01020304)));
        _guest.Machine.Machine.Statistics["instructions-interpreted"].Should().BeLessThan(Rounds / 4);
        _guest.Machine.Machine.Statistics["exit/indirect"].Should().BeLessThan(Rounds / 4);
    }

    [Fact]
    public void Calls_branches_and_addresses_relative_to_it_are_right()
    {
        Run(4, static a => a.db(0x48, 0x8d, 0x35, 0x45, 0x23, 0x01, 0x00) /* lea rsi, [rip + 0x12345] */);
        this[6].Should().Be(SecondPage + 3 + 0x12345);
        Run(2, static a => a.call(Code + 0x800), a =>
        {
            a.pop(rdi);
            a.jmp(rdi);
        });
        this[7].Should().Be(SecondPage + 3);
        Run(1, static a => a.db(0x74, 0x00)); // je to the instruction behind it
        this[1].Should().Be(0);
    }

    [Fact]
    public void A_fault_of_its_operand_is_reported_at_its_first_byte()
    {
        At(3, static a => a.mov(__dword_ptr[rdx], 0x11223344));
        _guest.EnterUser();
        _guest.State.Rip = SecondPage - 3;
        _guest.State.Registers[2] = 0x5555_0000;
        _guest.Machine.Start();
        FaultReport fault = _guest.Fault()!;
        (fault.Vector, fault.Rip, _guest.State.Cr2).Should().Be((14, SecondPage - 3, 0x5555_0000UL));
    }

    [Fact]
    public void Its_second_page_may_come_to_be_mapped_elsewhere_while_a_loop_runs()
    {
        const ulong Second = 0x13000, Other = 0x15000;
        _guest.Tables.Map(Upper, 0x12000);
        _guest.Tables.Map(Upper + 0x1000, Second);
        ulong entry = _guest.Tables.Entry(Upper + 0x1000, 1);
        _guest.Machine.Code(Second - 3, 64, static a => { a.mov(eax, 0x1111_1111); a.ret(); });
        _guest.Ram.Bytes(Second, 16).CopyTo(_guest.Ram.Bytes(Other, 16));
        _guest.Ram.Write(Other + 1, (byte)0x44);
        _guest.Run(a =>
        {
            Label loop = a.CreateLabel();
            a.mov(rbx, Upper + 0xffd);
            a.mov(ecx, Rounds);
            a.xor(r9d, r9d);
            a.Label(ref loop);
            a.call(rbx);
            a.add(r9, rax);
            a.cmp(ecx, Rounds / 2);
            Label stay = a.CreateLabel();
            a.jne(stay);
            a.mov(__qword_ptr[entry], (int)(Other | 3));
            a.mov(rdx, Upper + 0x1000);
            a.invlpg(__byte_ptr[rdx]);
            a.Label(ref stay);
            a.dec(ecx);
            a.jne(loop);
            a.@out(0xf4, al);
        });
        _guest.Fault().Should().BeNull();

        // The round in which the count is half of them is the last of the first page.
        this[9].Should().Be(((Rounds / 2) + 1) * 0x1111_1111UL + ((Rounds / 2) - 1) * 0x4411_1111UL);
    }

    // A loop in user code over an instruction that has so many bytes on its first page.
    private void Run(int bytesOnFirstPage, Action<Assembler> instruction, Action<Assembler>? routine = null)
    {
        ulong end = At(bytesOnFirstPage, instruction);
        ulong start = SecondPage - (ulong)bytesOnFirstPage;
        if (routine is not null)
            _guest.Machine.Code(Code + 0x800, 64, routine);
        _guest.Machine.Code(end, 64, a =>
        {
            a.dec(ecx);
            a.jne(start);
            a.@out(0xf4, al);
        });
        _guest.State.Rflags |= 0x3000; // so that users may write the port
        _guest.EnterUser();
        _guest.State.Rip = start;
        _guest.State.Registers[1] = Rounds;
        _guest.State.Registers[3] = LongModeGuest.UserStackTop - 0x1000;
        _guest.Machine.Start();
        _guest.Fault().Should().BeNull();
    }

    private ulong At(int bytesOnFirstPage, Action<Assembler> instruction)
    {
        ulong start = SecondPage - (ulong)bytesOnFirstPage;
        var assembler = new Assembler(64);
        instruction(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), start);
        stream.Length.Should().BeGreaterThan(bytesOnFirstPage, "else it does not cross");
        stream.ToArray().CopyTo(_guest.Ram.Bytes(start, (int)stream.Length));
        return start + (ulong)stream.Length;
    }
}
