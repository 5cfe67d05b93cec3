using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Domains;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

public sealed class VcpuCallTests : IDisposable
{
    private const ulong Area = Rig.Scratch + 0x800;
    private readonly Rig _rig = new(vcpus: 2);

    public void Dispose() => _rig.Dispose();

    private long Op(uint command, uint vcpu, ReadOnlySpan<byte> argument, bool is64Bit = true)
    {
        _rig.Put(Rig.Scratch, argument);
        return _rig.Call(24, command, vcpu, Rig.Scratch, is64Bit);
    }

    private uint BindTimer()
    {
        uint port = _rig.Event(1, 8, 0, 0, 0);
        _rig.Unmask(port);
        return port;
    }

    [Fact]
    public void Unknown_vcpus_and_commands_are_refused()
    {
        _rig.Call(24, 3, 2).Should().Be(-2);
        _rig.Call(24, 3, uint.MaxValue).Should().Be(-2);
        _rig.Call(24, 77, 0).Should().Be(-38);
        _rig.Call(24, 12, 0, Rig.Scratch).Should().Be(-22);
    }

    [Fact]
    public void A_single_shot_timer_raises_the_timer_virq_when_its_time_has_come()
    {
        uint port = BindTimer();
        Op(8, 0, Rig.Words(_rig.GuestNow + 1000, 1)).Should().Be(0);
        _rig.Advance(999);
        _rig.IsPending(port).Should().BeFalse();
        _rig.Advance(1);
        _rig.IsPending(port).Should().BeTrue();
        _rig.SharedByte(0).Should().Be(1);
        _rig.ClearEvents();
        _rig.Advance(10_000);
        _rig.IsPending(port).Should().BeFalse("it was a single shot");
    }

    [Fact]
    public void A_time_in_the_past_is_refused_only_if_the_guest_asks_for_that()
    {
        uint port = BindTimer();
        _rig.Advance(5000);
        Op(8, 0, Rig.Words(_rig.GuestNow - 1, 1)).Should().Be(-62);
        _rig.IsPending(port).Should().BeFalse();
        Op(8, 0, Rig.Words(_rig.GuestNow - 1, 0)).Should().Be(0);
        _rig.IsPending(port).Should().BeTrue();
    }

    [Fact]
    public void Stopping_a_timer_stops_it()
    {
        uint port = BindTimer();
        Op(8, 0, Rig.Words(_rig.GuestNow + 1000, 1)).Should().Be(0);
        _rig.Call(24, 9, 0).Should().Be(0);
        _rig.Advance(2000);
        _rig.IsPending(port).Should().BeFalse();
        Op(8, 1, Rig.Words(_rig.GuestNow + 1000, 1)).Should().Be(-22, "another vCPU's timer is its own");
        _rig.Call(24, 9, 1).Should().Be(-22);
    }

    [Fact]
    public void A_periodic_timer_keeps_its_beat()
    {
        uint port = BindTimer();
        Op(6, 0, Rig.Words(999_999)).Should().Be(-22, "shorter than a millisecond");
        Op(6, 0, Rig.Words(ulong.MaxValue)).Should().Be(-22);
        Op(6, 0, Rig.Words(1_000_000)).Should().Be(0);
        for (int beat = 0; beat < 3; beat++)
        {
            _rig.Advance(1_000_000);
            _rig.IsPending(port).Should().BeTrue();
            _rig.ClearEvents();
        }

        _rig.Advance(10_500_000);
        _rig.IsPending(port).Should().BeTrue();
        _rig.ClearEvents();
        _rig.Advance(400_000);
        _rig.IsPending(port).Should().BeFalse("the beat is kept after a late one");
        _rig.Advance(100_000);
        _rig.IsPending(port).Should().BeTrue();
        _rig.ClearEvents();
        _rig.Call(24, 7, 0).Should().Be(0);
        _rig.Advance(5_000_000);
        _rig.IsPending(port).Should().BeFalse();
    }

    [Fact]
    public void Set_timer_op_sets_and_cancels()
    {
        uint port = BindTimer();
        _rig.Call(15, _rig.GuestNow + 500).Should().Be(0);
        _rig.Call(15, 0).Should().Be(0);
        _rig.Advance(1000);
        _rig.IsPending(port).Should().BeFalse();
        ulong at = _rig.GuestNow + 500;
        _rig.Call(15, (uint)at, at >> 32, is64Bit: false).Should().Be(0);
        _rig.Advance(500);
        _rig.IsPending(port).Should().BeTrue();
        _rig.Call(15, long.MaxValue).Should().Be(0, "beyond the clock's end is never");
    }

    [Fact]
    public void Vcpu_info_moves_once_with_its_content_and_everything_pending()
    {
        uint port = _rig.Event(7, 4, 0, 0);
        _rig.Unmask(port);
        byte[] where = [.. Rig.Words(Area >> 12), .. Rig.Bytes((uint)(Area & 0xfff), 0)];
        Op(10, 0, where).Should().Be(0);
        _rig.Get<byte>(Area).Should().Be(1);
        _rig.Get<ulong>(Area + 8).Should().Be(ulong.MaxValue);
        _rig.Get<uint>(Area + 32 + 24).Should().Be(0x8000_0000, "the time information came along");

        _rig.Put(Area, (byte)0);
        _rig.Put(Area + 8, 0ul);
        _rig.Event(4, port);
        _rig.Get<byte>(Area).Should().Be(1, "events go to the new place");
        _rig.Get<ulong>(Area + 8).Should().Be(1);
        _rig.SharedByte(0).Should().Be(0);
        Op(10, 0, where).Should().Be(-22, "only once");
    }

    [Theory]
    [InlineData(0x100ul, 0xfc1u)]
    [InlineData(0x100ul, 0x1000u)]
    [InlineData(0x100ul, uint.MaxValue)]
    [InlineData(0x100ul, 0x804u)]
    [InlineData(0x10_0000ul, 0u)]
    [InlineData(ulong.MaxValue, 0u)]
    public void A_bad_place_for_vcpu_info_is_refused(ulong frame, uint offset) =>
        Op(10, 0, [.. Rig.Words(frame), .. Rig.Bytes(offset, 0)]).Should().Be(-22);

    [Fact]
    public void The_runstate_area_is_written_at_once_even_across_a_page()
    {
        ulong area = Rig.Scratch + 0x1000 - 20;
        Op(5, 0, Rig.Words(area)).Should().Be(0);
        _rig.Get<int>(area).Should().Be(3, "the vCPU has not been started");
        _rig.Advance(700);
        _rig.Vcpu.Runstate.Enter(VcpuRunstate.Running);
        _rig.Get<int>(area).Should().Be(0);
        _rig.Get<ulong>(area + 8).Should().Be(_rig.GuestNow);
        _rig.Get<ulong>(area + 16 + 24).Should().Be(700);
        _rig.Advance(40);
        _rig.Vcpu.Runstate.Enter(VcpuRunstate.Blocked);
        _rig.Get<ulong>(area + 16).Should().Be(40);
        Op(5, 0, Rig.Words(0)).Should().Be(0);
        _rig.Advance(40);
        _rig.Vcpu.Runstate.Enter(VcpuRunstate.Running);
        _rig.Get<int>(area).Should().Be(2, "nothing is written after it was taken back");
    }

    [Fact]
    public void The_runstate_area_of_a_32_bit_guest_is_narrower()
    {
        Op(5, 0, Rig.Bytes((uint)Area), is64Bit: false).Should().Be(0);
        _rig.Advance(9);
        _rig.Vcpu.Runstate.Enter(VcpuRunstate.Runnable);
        _rig.Get<int>(Area).Should().Be(1);
        _rig.Get<ulong>(Area + 4).Should().Be(_rig.GuestNow);
        _rig.Get<ulong>(Area + 12 + 24).Should().Be(9);
    }

    [Fact]
    public void With_the_update_flag_readers_never_see_a_torn_record()
    {
        _rig.Call(21, 0, 5).Should().Be(0);
        Op(5, 0, Rig.Words(Area)).Should().Be(0);
        bool stop = false;
        int reads = 0;
        Exception? torn = null;
        Thread reader = new(() =>
        {
            while (!Volatile.Read(ref stop) || reads < 100)
            {
                ulong before = _rig.Get<ulong>(Area + 8);
                Thread.MemoryBarrier();
                int state = _rig.Get<int>(Area);
                Thread.MemoryBarrier();
                ulong after = _rig.Get<ulong>(Area + 8);
                if (before != after || (before & (1ul << 63)) != 0)
                    continue;
                reads++;
                bool even = before % 2 == 0;
                if (even != (state == 0) && before > 1000)
                    torn = new InvalidOperationException($"state {state} with entry time {before}");
            }
        });
        _rig.Clock.Advance(2000 - (long)(_rig.GuestNow % 2));
        _rig.Vcpu.Runstate.Enter(VcpuRunstate.Running);
        reader.Start();

        // Running is entered at even times, Blocked at odd ones.
        for (int round = 0; round < 20_000; round++)
        {
            _rig.Clock.Advance(1);
            _rig.Vcpu.Runstate.Enter(round % 2 == 0 ? VcpuRunstate.Blocked : VcpuRunstate.Running);
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        torn.Should().BeNull();
        (_rig.Get<ulong>(Area + 8) >> 63).Should().Be(0);
    }

    [Fact]
    public void Runstate_can_be_asked_for()
    {
        _rig.Advance(123);
        _rig.Call(24, 4, 0, Area).Should().Be(0);
        _rig.Get<int>(Area).Should().Be(3);
        _rig.Get<ulong>(Area + 16 + 24).Should().Be(123);
    }

    [Fact]
    public void The_time_area_converts_the_counter_to_system_time()
    {
        Op(13, 0, Rig.Words(Area)).Should().Be(0);
        uint version = _rig.Get<uint>(Area);
        version.Should().NotBe(0).And.Match(v => v % 2 == 0);
        ulong stamp = _rig.Get<ulong>(Area + 8);
        ulong start = _rig.Get<ulong>(Area + 16);
        uint mul = _rig.Get<uint>(Area + 24);
        int shift = _rig.Get<sbyte>(Area + 28);
        _rig.Get<byte>(Area + 29).Should().Be(1);
        _rig.Advance(123_456_789);
        ulong counter = _rig.Vcpu.Host.ReadTimestamp();
        UInt128 converted = start + (((UInt128)((counter - stamp) << shift) * mul) >> 32);
        ((ulong)converted).Should().Be(123_456_789);
        (((1_000_000_000UL << 32) / mul) >> shift).Should().Be(_rig.Vcpu.Host.TimestampFrequency);
    }

    [Fact]
    public void A_vcpu_goes_down_and_up()
    {
        _rig.Call(24, 3, 0).Should().Be(1);
        _rig.Call(24, 3, 1).Should().Be(0, "it has not been started");
        _rig.Call(24, 1, 1).Should().Be(-22, "nor can it be before INIT and start-up");
        _rig.Call(24, 2, 0).Should().Be(0);
        _rig.Call(24, 3, 0).Should().Be(0);
        _rig.Call(24, 1, 0).Should().Be(0);
        _rig.Call(24, 3, 0).Should().Be(1);
    }

    [Fact]
    public void An_NMI_is_asked_of_the_engine()
    {
        _rig.Call(24, 11, 0).Should().Be(0);
        _rig.Leases[0].Bits.Should().HaveFlag(Sdk.Engines.PollBits.Nmi);
    }

    [Fact]
    public void Vm_assist_knows_one_type()
    {
        _rig.Call(21, 0, 5).Should().Be(0);
        _rig.Call(21, 1, 5).Should().Be(0);
        _rig.Call(21, 0, 3).Should().Be(-22);
        _rig.Call(21, 2, 5).Should().Be(-38);
    }

    [Fact]
    public void The_wall_clock_gives_the_time_at_system_time_zero()
    {
        ulong unix = (_rig.Shared<uint>(0xc04) * 1_000_000_000UL) + _rig.Shared<uint>(0xc08);
        unix.Should().Be((ulong)_rig.Clock.UnixTime.Value - _rig.GuestNow);
        (_rig.Shared<uint>(0xc00) % 2).Should().Be(0);
    }
}
