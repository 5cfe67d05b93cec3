using Hospes.Differential.Cases;
using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential;

/// <summary>The rig itself: it must see what the host does, catch its faults, and tell differences.</summary>
[Collection(HostProcessorCollection.Name)]
public sealed unsafe class RigTests : IDisposable
{
    private readonly TestRegion _region = new();
    private readonly HostCpu _host;

    public RigTests()
    {
        _host = new HostCpu(_region);
        MachineState* input = _host.Input;
        *input = default;
        input->Flags = 0x202;
        input->Registers[4] = (ulong)_region.Stack;
        *(ushort*)input->Extended = 0x37f;
        *(uint*)(input->Extended + 24) = 0x1f80;
    }

    public void Dispose()
    {
        _host.Dispose();
        _region.Dispose();
    }

    [Fact]
    public void The_host_executes_what_it_is_given()
    {
        _host.Input->Registers[0] = ulong.MaxValue;
        _host.Input->Registers[15] = 2;
        _host.Run([0x4c, 0x01, 0xf8]); // add rax, r15
        _host.Output->Vector.Should().Be(MachineState.NoFault);
        _host.Output->Registers[0].Should().Be(1);
        (_host.Output->Flags & 0x8d5).Should().Be(0x11);
        _host.Output->Rip.Should().Be((ulong)_region.Code + 3);
    }

    [Fact]
    public void A_taken_branch_is_told_from_falling_through()
    {
        _host.Input->Flags = 0x242;
        _host.Run([0x74, 0x3e]); // je to the branch target
        _host.Output->Rip.Should().Be((ulong)_region.BranchTarget);
        _host.Input->Flags = 0x202;
        _host.Run([0x74, 0x3e]);
        _host.Output->Rip.Should().Be((ulong)_region.Code + 2);
    }

    [Fact]
    public void A_division_error_is_caught_with_all_registers()
    {
        _host.Input->Registers[0] = 7;
        _host.Input->Registers[3] = 0x1234;
        _host.Run([0xf7, 0xf1]); // div ecx, which is zero
        _host.Output->Vector.Should().Be(0);
        _host.Output->Rip.Should().Be((ulong)_region.Code);
        _host.Output->Registers[0].Should().Be(7);
        _host.Output->Registers[3].Should().Be(0x1234);
    }

    [Theory]
    [InlineData(false, 6)]
    [InlineData(true, 7)]
    public void A_page_fault_is_caught_with_address_and_error_code(bool readOnly, int error)
    {
        ulong address = (ulong)(readOnly ? _region.ReadOnly : _region.DataEnd) + 8;
        if (readOnly)
            _ = *(ulong*)address; // present from now on
        _host.Input->Registers[3] = address;
        _host.Run([0x48, 0x89, 0x03]); // mov [rbx], rax
        _host.Output->Vector.Should().Be(14);
        _host.Output->FaultAddress.Should().Be(address);
        _host.Output->Error.Should().Be((ulong)error);
    }

    [Fact]
    public void Vector_and_x87_registers_go_in_and_out()
    {
        *(ulong*)(_host.Input->Extended + 160 + 16) = 0x1122;
        _host.Run([0x66, 0x48, 0x0f, 0x6e, 0xd8]); // movq xmm3, rax
        (*(ulong*)(_host.Output->Extended + 160 + 16)).Should().Be(0x1122);
        _host.Run([0xd9, 0xe8]); // fld1
        _host.Output->Extended[4].Should().Be(0x80);
        (*(ulong*)(_host.Output->Extended + 32)).Should().Be(1UL << 63);
        (*(ushort*)(_host.Output->Extended + 40)).Should().Be(0x3fff);
    }

    [Fact]
    public void Every_part_of_the_outcome_is_compared()
    {
        var test = new TestCase(_region);
        test.Instruction = Instruction.Create(Code.Add_rm32_r32, Register.EAX, Register.ECX);
        var memory = new byte[TestCase.MemoryLength];
        MachineState host = default;
        host.Vector = MachineState.NoFault;
        host.Extended[4] = 0xff;
        Compare(host, s => s).Should().BeNull();
        Compare(host, s => { s.Registers[11] ^= 1; return s; }).Should().Contain("r11");
        Compare(host, s => { s.Flags ^= 0x10; return s; }).Should().Contain("flags");
        Compare(host, s => { s.Rip++; return s; }).Should().Contain("rip");
        Compare(host, s => { s.Vector = 13; return s; }).Should().Contain("exception");
        Compare(host, s => { s.Extended[160 + 255] = 1; return s; }).Should().Contain("xmm15");
        Compare(host, s => { s.Extended[32 + 112 + 9] = 1; return s; }).Should().Contain("st7");
        Compare(host, s => { s.Extended[25] = 1; return s; }).Should().Contain("mxcsr");
        var changed = new byte[TestCase.MemoryLength];
        changed[^1] = 1;
        MachineState same = host;
        Comparison.Describe(test, &same, memory, &same, changed, anyFault: false).Should().Contain("byte at");

        string? Compare(MachineState left, Func<MachineState, MachineState> change)
        {
            MachineState right = change(left);
            return Comparison.Describe(test, &left, memory, &right, memory, anyFault: false);
        }
    }
}
