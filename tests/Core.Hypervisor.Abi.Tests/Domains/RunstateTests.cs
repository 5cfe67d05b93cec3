using System.Buffers.Binary;
using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Abi.Tests.Domains;

/// <summary>The times a guest reads: running, waiting for a pCPU (stolen), blocked, offline.</summary>
public sealed class RunstateTests
{
    private readonly FakeClock _clock = new();
    private readonly Runstate _runstate;

    public RunstateTests() => _runstate = new Runstate(new GuestClock(_clock));

    [Fact]
    public void Waiting_after_a_wake_up_is_stolen_and_not_slept()
    {
        _runstate.Enter(VcpuRunstate.Blocked);
        _clock.Advance(1_000);
        Nanoseconds woken = _clock.Now;
        _clock.Advance(300);
        _runstate.Enter(VcpuRunstate.Runnable, woken);
        _clock.Advance(50);
        _runstate.Enter(VcpuRunstate.Running);
        Times().Should().Equal(0, 350, 1_000, 0);
    }

    [Fact]
    public void A_pause_is_not_stolen()
    {
        _runstate.Enter(VcpuRunstate.Runnable);
        _clock.Advance(1_000);
        _runstate.Enter(VcpuRunstate.Running, paused: new Nanoseconds(900));
        Times().Should().Equal(0, 100, 0, 900);
    }

    [Theory]
    [InlineData(-5_000, 0, 1_000)]
    [InlineData(5_000, 1_000, 0)]
    public void Times_that_cannot_be_are_held_within_the_state(long offset, ulong blocked, ulong runnable)
    {
        _runstate.Enter(VcpuRunstate.Blocked);
        Nanoseconds start = _clock.Now;
        _clock.Advance(1_000);
        _runstate.Enter(VcpuRunstate.Runnable, start + new Nanoseconds(offset));
        _runstate.Enter(VcpuRunstate.Running, paused: new Nanoseconds(-7));
        Times().Should().Equal(0, runnable, blocked, 0);
    }

    private ulong[] Times()
    {
        byte[] record = new byte[Runstate.Size64];
        _runstate.Write(record, is64Bit: true);
        return [.. Enumerable.Range(0, 4).Select(state => BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(16 + (state * 8))))];
    }
}
