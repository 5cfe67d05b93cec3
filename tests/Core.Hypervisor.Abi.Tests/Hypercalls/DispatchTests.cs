using Hospes.Hypervisor.Abi.Tests.Fakes;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

public sealed class DispatchTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(33u)]
    [InlineData(38u)]
    [InlineData(63u)]
    [InlineData(64u)]
    [InlineData(uint.MaxValue)]
    public void Unknown_numbers_answer_ENOSYS(uint number) => _rig.Call(number, 1, 2, 3).Should().Be(-38);

    [Fact]
    public void A_missed_hypercall_is_said_once()
    {
        for (int time = 0; time < 3; time++)
            _rig.Call(33, 25, Rig.Scratch);
        _rig.Messages.Should().Equal("(d7) hypercall 33 is not offered");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Outside_ring_0_every_call_answers_EPERM(int privilege)
    {
        _rig.Call(17, 0, privilege: privilege).Should().Be(-1);
        _rig.Call(99, 0, privilege: privilege).Should().Be(-1);
    }

    [Theory]
    [InlineData(12u, 7u)]
    [InlineData(12u, 9u)]
    [InlineData(17u, 1u)]
    [InlineData(17u, 3u)]
    [InlineData(17u, 6u)]
    [InlineData(20u, 2u)]
    [InlineData(20u, 6u)]
    [InlineData(29u, 2u)]
    [InlineData(29u, 3u)]
    [InlineData(32u, 1u)]
    [InlineData(32u, 4u)]
    [InlineData(32u, 5u)]
    [InlineData(32u, 7u)]
    [InlineData(34u, 0u)]
    [InlineData(34u, 1u)]
    [InlineData(34u, 23u)]
    public void Wild_pointers_answer_EFAULT(uint number, uint command)
    {
        ulong[] wild = [0xdead_beef_0000_0000, 0xffff_ffff_ffff_fff8, 0x8000_0000, Rig.RamBytes - 1, 0xfee0_0000];
        foreach (ulong pointer in wild)
            _rig.Call(number, command, pointer, 1).Should().Be(-14, "the pointer is 0x{0:x}", pointer);
    }

    [Theory]
    [InlineData(5u)]
    [InlineData(8u)]
    [InlineData(10u)]
    public void Vcpu_operations_with_wild_pointers_answer_EFAULT(uint command) => _rig.Call(24, command, 0, 0xdead_0000_0000).Should().Be(-14);

    [Fact]
    public void A_structure_may_cross_a_page()
    {
        ulong at = Rig.Scratch + 4096 - 2;
        _rig.Put(at, Rig.Bytes(0, 0xffff_ffff));
        _rig.Call(17, 6, at).Should().Be(0);
        _rig.Get<uint>(at + 4).Should().Be(0x315u);
    }

    [Fact]
    public void A_32_bit_callers_pointers_are_32_bits_wide()
    {
        _rig.Put(Rig.Scratch, Rig.Bytes(0, 0));
        _rig.Call(17, 6, 0xffff_ffff_0000_0000 | Rig.Scratch, is64Bit: false).Should().Be(0);
        _rig.Get<uint>(Rig.Scratch + 4).Should().Be(0x315u);
    }

    [Fact]
    public void The_engine_is_told_about_answers_written_to_guest_memory()
    {
        _rig.CallAt(17, 6, Rig.Bytes(0, 0));
        _rig.Engine.Written.Should().Contain((new Sdk.GuestPhysical(Rig.Scratch + 4), 4ul));
    }

    [Fact]
    public void Multicall_writes_each_result_back()
    {
        ulong features = Rig.Scratch + 0x1000;
        _rig.Put(features, Rig.Bytes(0, 0));
        byte[] list = Rig.Words([17, 1, 0, 0, 0, 0, 0, 0, 17, 1, 6, features, 0, 0, 0, 0, 99, 1, 0, 0, 0, 0, 0, 0, 13, 1, Rig.Scratch, 4, 0, 0, 0, 0]);
        _rig.Put(Rig.Scratch, list);
        _rig.Call(13, Rig.Scratch, 4).Should().Be(0);
        _rig.Get<long>(Rig.Scratch + 8).Should().Be(0x0004_0011);
        _rig.Get<long>(Rig.Scratch + 64 + 8).Should().Be(0);
        _rig.Get<long>(Rig.Scratch + 128 + 8).Should().Be(-38);
        _rig.Get<long>(Rig.Scratch + 192 + 8).Should().Be(-22, "a multicall within a multicall could nest without end");
        _rig.Get<uint>(features + 4).Should().Be(0x315u);
    }

    [Fact]
    public void Multicall_of_a_32_bit_guest_has_narrow_entries()
    {
        _rig.Put(Rig.Scratch, Rig.Bytes(17, 1, 0, 0, 0, 0, 0, 0, 99, 1, 0, 0, 0, 0, 0, 0));
        _rig.Call(13, Rig.Scratch, 2, is64Bit: false).Should().Be(0);
        _rig.Get<int>(Rig.Scratch + 4).Should().Be(0x0004_0011);
        _rig.Get<int>(Rig.Scratch + 32 + 4).Should().Be(-38);
    }

    [Fact]
    public void Multicall_beyond_memory_and_without_end_comes_to_an_end()
    {
        _rig.Call(13, Rig.RamBytes - 64, 2).Should().Be(-14);

        // Every entry of 15 MiB is zero: number 0, ENOSYS; the work limit ends it before memory does.
        _rig.Call(13, Rig.Scratch, uint.MaxValue).Should().Be(-7);
    }

    [Fact]
    public void Hot_hypercalls_allocate_nothing()
    {
        _rig.Engine.Remembers = false;
        uint ipi = _rig.Event(7, 4, 0, 0);
        _rig.Unmask(ipi);
        ulong argument = Rig.Scratch + 0x100;
        _rig.Put(argument, ipi);
        void Round()
        {
            _rig.Call(32, 4, argument);
            _rig.Call(29, 0);
            _rig.Call(15, _rig.GuestNow + 1000);
            _rig.Vcpu.Host.AcknowledgeInterrupt();
            _rig.SharedByte(0) = 0;
        }

        for (int warm = 0; warm < 100; warm++)
            Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 10_000; round++)
            Round();

        // The run-time itself allocates now and then; one object of the smallest size in a tenth of the rounds would show.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(24_000);
    }
}
