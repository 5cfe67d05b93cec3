using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Domains;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Domains;

/// <summary>Domains whose vCPU threads run, with scripted guests.</summary>
public sealed class VcpuTests
{
    private const uint Self = 0x7ff0;
    private const ulong Argument = Rig.Scratch + 0x2000;

    private static int Take(ScriptedCpu cpu) => cpu.Taken.TryTake(out int vector, Rig.Patience) ? vector : throw new TimeoutException("nothing came");

    private static void WaitFor(Rig rig, Func<bool> condition)
    {
        Task waiting = Task.Run(() => rig.Clock.WaitUntil(Nanoseconds.Never, condition));
        waiting.Wait(Rig.Patience).Should().BeTrue("the condition comes about");
    }

    private static void WaitForSleep(Rig rig, int vcpu = 0, int sleeps = 1) => WaitFor(rig, () => rig.Leases[vcpu].Sleeps >= sleeps);

    private static long Hypercall(ScriptedCpu cpu, uint number, ulong argument1, ulong argument2 = 0)
    {
        HypercallFrame frame = new() { Number = number, Argument1 = argument1, Argument2 = argument2, Is64Bit = true };
        cpu.Host.Hypercall(ref frame);
        return frame.Result;
    }

    /// <summary>Sets a vector callback whose handler forgets all events, as a guest's does.</summary>
    private static void HandleUpcalls(Rig rig)
    {
        rig.CallAt(34, 0, [.. Rig.Bytes(Self, 0), .. Rig.Words((2ul << 56) | 0xf3)]).Should().Be(0);
        rig.Cpu.Handler = _ =>
        {
            rig.SharedByte(0) = 0;
            rig.Shared<ulong>(8) = 0;
            for (int word = 0; word < 64; word++)
                Interlocked.Exchange(ref rig.Shared<ulong>(0x800 + (word * 8)), 0);
        };
    }

    private static async Task<ShutdownReason> End(Rig rig) => await rig.Ended.Task.WaitAsync(Rig.Patience);

    [Fact]
    public void Vcpu_0_starts_in_the_builders_state_and_a_halted_one_sleeps_until_an_event()
    {
        using Rig rig = new();
        HandleUpcalls(rig);
        uint port = rig.Event(7, 4, 0, 0);
        rig.Unmask(port);
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Cpu.Restored.Should().BeSameAs(rig.Boot);
        rig.Vcpu.State.Should().Be(VcpuRunstate.Blocked);
        rig.Domain.EventChannels.SetPending(port);
        Take(rig.Cpu).Should().Be(0xf3);
    }

    [Fact]
    public void A_timer_wakes_a_halted_vcpu()
    {
        using Rig rig = new();
        HandleUpcalls(rig);
        uint port = rig.Event(1, 8, 0, 0, 0);
        rig.Unmask(port);
        rig.Vcpu.Timers.SetSingleShot(rig.GuestNow + 1_000_000);
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Clock.Advance(1_000_000);
        Take(rig.Cpu).Should().Be(0xf3);
    }

    [Fact]
    public void A_timer_interrupts_a_busy_vcpu()
    {
        using Rig rig = new();
        HandleUpcalls(rig);
        uint port = rig.Event(1, 8, 0, 0, 0);
        rig.Unmask(port);
        using ManualResetEventSlim busy = new();
        rig.Cpu.Script = _ =>
        {
            // Guest code that never halts, looking at its poll word as an engine does.
            busy.Set();
            while (rig.Leases[0].Bits == PollBits.None)
                Thread.Yield();
            return CpuExit.Requested;
        };
        rig.Vcpu.Timers.SetSingleShot(rig.GuestNow + 1_000_000);
        rig.Domain.Start();
        busy.Wait(Rig.Patience).Should().BeTrue();
        rig.Clock.Advance(1_000_000);
        Take(rig.Cpu).Should().Be(0xf3);
    }

    [Fact]
    public void Sched_block_sleeps_until_an_event_and_not_at_all_if_one_is_pending()
    {
        using Rig rig = new();
        uint port = rig.Event(7, 4, 0, 0);
        rig.Unmask(port);
        int blocks = 0;
        rig.Cpu.Script = cpu =>
        {
            Interlocked.Increment(ref blocks);
            rig.Clock.Pulse();
            rig.SharedByte(0) = 0;
            Hypercall(cpu, 29, 1).Should().Be(0);
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        WaitForSleep(rig);
        blocks.Should().Be(1);
        rig.SharedByte(0) = 0;
        rig.Shared<ulong>(8) = 0;
        rig.Domain.EventChannels.SetPending(port);
        WaitFor(rig, () => Volatile.Read(ref blocks) >= 2);
    }

    [Fact]
    public void Poll_ends_with_its_port_even_a_masked_one()
    {
        using Rig rig = new();
        uint port = rig.Event(7, 4, 0, 0);
        rig.Put(Argument, [.. Rig.Words(Argument + 64, 1, 0), .. new byte[40], .. Rig.Bytes(port)]);
        int polls = 0;
        rig.Cpu.Script = cpu =>
        {
            Hypercall(cpu, 29, 3, Argument).Should().Be(0);
            Interlocked.Increment(ref polls);
            rig.Clock.Pulse();
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        WaitForSleep(rig);
        polls.Should().Be(1);
        rig.Domain.EventChannels.SetPending(port);
        WaitFor(rig, () => Volatile.Read(ref polls) >= 3);
        rig.SharedByte(0).Should().Be(0, "no upcall: the port is masked; and a pending port ends a poll at once");
    }

    [Fact]
    public void Poll_ends_with_its_time()
    {
        using Rig rig = new();
        uint port = rig.Event(7, 4, 0, 0);
        rig.Put(Argument, [.. Rig.Words(Argument + 64, 1, rig.GuestNow + 5000), .. new byte[40], .. Rig.Bytes(port)]);
        int polls = 0;
        rig.Cpu.Script = cpu =>
        {
            if (Interlocked.Increment(ref polls) > 1)
                return CpuExit.HaltedForever;
            Hypercall(cpu, 29, 3, Argument);
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        WaitForSleep(rig);
        Volatile.Read(ref polls).Should().Be(1);
        rig.Clock.Advance(5000);
        WaitFor(rig, () => Volatile.Read(ref polls) == 2);
    }

    [Fact]
    public void Poll_is_checked()
    {
        using Rig rig = new();
        rig.CallAt(29, 3, Rig.Words(Rig.Scratch + 0x100, 129, 0)).Should().Be(-22);
        rig.CallAt(29, 3, Rig.Words(0xdead_0000_0000, 1, 0)).Should().Be(-14);
        rig.Put(Rig.Scratch + 0x100, Rig.Bytes(4096));
        rig.CallAt(29, 3, Rig.Words(Rig.Scratch + 0x100, 1, 0)).Should().Be(-22);
    }

    [Theory]
    [InlineData(0u, ShutdownReason.PowerOff)]
    [InlineData(1u, ShutdownReason.Reboot)]
    [InlineData(2u, ShutdownReason.Suspend)]
    [InlineData(3u, ShutdownReason.Crash)]
    public async Task A_guest_shuts_itself_down(uint code, ShutdownReason reason)
    {
        using Rig rig = new();
        rig.Put(Argument, code);
        int executed = 0;
        rig.Cpu.Script = cpu =>
        {
            Interlocked.Increment(ref executed);
            Hypercall(cpu, 29, 2, Argument);
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        (await End(rig)).Should().Be(reason);
        rig.Domain.ShutdownState.Should().Be(reason);
        WaitForSleep(rig);
        rig.Vcpu.RequestNmi();
        WaitForSleep(rig, sleeps: 2);
        executed.Should().Be(1, "nothing executes after the shutdown");
    }

    [Fact]
    public void Other_scheduler_operations_answer_as_they_should()
    {
        using Rig rig = new();
        rig.CallAt(29, 2, Rig.Bytes(5)).Should().Be(-22);
        rig.CallAt(29, 4, Rig.Bytes(1, 0)).Should().Be(-1);
        rig.Call(29, 7, Rig.Scratch).Should().Be(-1);
        rig.Call(29, 99).Should().Be(-38);
        rig.Call(29, 0).Should().Be(0);
        rig.Leases[0].Bits.Should().HaveFlag(PollBits.Exit, "a yield leaves the guest");
        rig.Leases[0].Yields.Should().Be(1, "and offers the pCPU to others");
        rig.Domain.ShutdownState.Should().BeNull();
    }

    [Fact]
    public async Task A_reason_set_before_counts()
    {
        using Rig rig = new();
        rig.CallAt(29, 5, Rig.Bytes(3)).Should().Be(0);
        rig.CallAt(29, 5, Rig.Bytes(99)).Should().Be(-22);
        rig.CallAt(29, 2, Rig.Bytes(0)).Should().Be(0);
        (await End(rig)).Should().Be(ShutdownReason.Crash);
    }

    [Fact]
    public async Task A_watchdog_that_is_not_fed_bites()
    {
        using Rig rig = new();
        long id = rig.CallAt(29, 6, Rig.Bytes(0, 30));
        id.Should().Be(1);
        rig.CallAt(29, 6, Rig.Bytes(0, 30)).Should().Be(2);
        rig.CallAt(29, 6, Rig.Bytes(0, 30)).Should().Be(-28);
        rig.CallAt(29, 6, Rig.Bytes(0, 0)).Should().Be(-22);
        rig.CallAt(29, 6, Rig.Bytes(3, 1)).Should().Be(-22);
        rig.CallAt(29, 6, Rig.Bytes(2, 0)).Should().Be(0);
        rig.CallAt(29, 6, Rig.Bytes(2, 1)).Should().Be(-22);
        rig.Advance(29_000_000_000);
        rig.CallAt(29, 6, Rig.Bytes(1, 30)).Should().Be(0);
        rig.Advance(29_000_000_000);
        rig.Domain.ShutdownState.Should().BeNull();
        rig.Advance(1_000_000_000);
        (await End(rig)).Should().Be(ShutdownReason.Watchdog);
    }

    [Fact]
    public async Task All_vcpus_halted_for_good_is_a_power_off()
    {
        using Rig rig = new(vcpus: 2);
        using ManualResetEventSlim release = new();
        rig.Cpu.Script = _ => CpuExit.HaltedForever;
        rig.Engine.Cpus[1].Script = cpu =>
        {
            release.Wait();
            return CpuExit.HaltedForever;
        };
        StartSecond(rig);
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Domain.ShutdownState.Should().BeNull("the other still executes");
        release.Set();
        (await End(rig)).Should().Be(ShutdownReason.PowerOff);
    }

    [Fact]
    public async Task A_vcpu_taken_down_counts_as_halted()
    {
        using Rig rig = new(vcpus: 2);
        StartSecond(rig);
        rig.Call(24, 2, 1).Should().Be(0);
        rig.Cpu.Script = _ => CpuExit.HaltedForever;
        rig.Domain.Start();
        (await End(rig)).Should().Be(ShutdownReason.PowerOff);
    }

    [Fact]
    public async Task A_triple_fault_is_a_reboot()
    {
        using Rig rig = new();
        rig.Cpu.Script = _ => CpuExit.TripleFault;
        rig.Domain.Start();
        (await End(rig)).Should().Be(ShutdownReason.Reboot);
        rig.Messages.Should().Contain(text => text.Contains("triple fault"));
    }

    [Fact]
    public async Task An_engine_that_fails_crashes_the_domain_and_says_why()
    {
        using Rig rig = new();
        rig.Cpu.FailureReason = "no such instruction at 0x1234";
        rig.Cpu.Script = _ => CpuExit.Failed;
        rig.Domain.Start();
        (await End(rig)).Should().Be(ShutdownReason.Crash);
        (await rig.Failure.Task.WaitAsync(Rig.Patience)).Should().Contain("0x1234");
    }

    [Fact]
    public async Task An_engine_that_throws_crashes_the_domain_and_nothing_else()
    {
        using Rig rig = new();
        rig.Cpu.Script = _ => throw new InvalidOperationException("broken engine");
        rig.Domain.Start();
        (await End(rig)).Should().Be(ShutdownReason.Crash);
        (await rig.Failure.Task.WaitAsync(Rig.Patience)).Should().Contain("broken engine");
    }

    [Fact]
    public void An_NMI_wakes_even_a_vcpu_halted_for_good()
    {
        using Rig rig = new(vcpus: 2);
        StartSecond(rig);
        rig.Cpu.Script = _ => CpuExit.HaltedForever;
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Domain.RequestNmi(new VcpuId(0)).Should().BeTrue();
        Take(rig.Cpu).Should().Be(-2);
        rig.Domain.RequestNmi(new VcpuId(2)).Should().BeFalse();
        rig.Domain.RequestNmi(new VcpuId(-1)).Should().BeFalse();
    }

    [Fact]
    public void Pause_returns_when_nothing_executes_and_unpause_goes_on()
    {
        using Rig rig = new();
        using ManualResetEventSlim busy = new();
        int inside = 0;
        rig.Cpu.Script = _ =>
        {
            Volatile.Write(ref inside, 1);
            busy.Set();
            while ((rig.Leases[0].Bits & PollBits.Exit) == 0)
                Thread.Yield();
            Volatile.Write(ref inside, 0);
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        for (int round = 0; round < 20; round++)
        {
            busy.Wait(Rig.Patience).Should().BeTrue();
            rig.Domain.Pause();
            Volatile.Read(ref inside).Should().Be(0);
            rig.Domain.Pause();
            rig.Domain.Unpause();
            Volatile.Read(ref inside).Should().Be(0, "pauses nest");
            busy.Reset();
            rig.Domain.Unpause();
        }

        rig.Domain.Invoking(domain => domain.Unpause()).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void INIT_and_start_up_begin_a_vcpu_in_real_mode()
    {
        using Rig rig = new(vcpus: 2);
        using ManualResetEventSlim running = new();
        rig.Engine.Cpus[1].Script = _ =>
        {
            running.Set();
            return CpuExit.Halted;
        };
        rig.Domain.Start();
        WaitForSleep(rig, vcpu: 1);
        rig.Domain.Vcpus[1].IsOnline.Should().BeFalse();
        rig.Domain.Vcpus[1].State.Should().Be(VcpuRunstate.Offline);
        StartSecond(rig);
        running.Wait(Rig.Patience).Should().BeTrue();
        CpuState state = rig.Engine.Cpus[1].Restored!;
        state.Segments[1].Should().Be(new SegmentState(0x9a00, 0x9a000, 0xffff, 0x9b));
        state.Rip.Should().Be(0);
        (state.Cr0 & 1).Should().Be(0);
        state.Msrs.Should().NotContainKey(0xc000_0080u, "EFER is 0");
        rig.Domain.Vcpus[1].IsOnline.Should().BeTrue();
        rig.Call(24, 3, 1).Should().Be(1);
    }

    [Fact]
    public void An_upcall_that_was_pending_before_INIT_is_delivered_after_it()
    {
        // As Linux does it: vCPU 0 registers the other's vcpu_info, which makes everything pending, and its vector, and then starts it.
        using Rig rig = new(vcpus: 2);
        rig.Domain.Start();
        WaitForSleep(rig, vcpu: 1);
        rig.Put(Rig.Scratch, Rig.Words(0x200, 0));
        rig.Call(24, 10, 1, Rig.Scratch).Should().Be(0);
        rig.CallAt(34, 23, Rig.Bytes(1, 0xf3)).Should().Be(0);
        StartSecond(rig);
        WaitForSleep(rig, vcpu: 1, sleeps: 2);
        rig.Engine.Cpus[1].Taken.Should().BeEmpty("INIT has disabled its local APIC by software");
        rig.Domain.Vcpus[1].Host.WriteDevice(new GuestPhysical(0xfee0_00f0), 4, 0x1ff);
        Take(rig.Engine.Cpus[1]).Should().Be(0xf3);
    }

    [Fact]
    public void A_vcpu_that_halts_for_good_is_offline_until_it_is_started_again()
    {
        using Rig rig = new(vcpus: 2);
        int starts = 0;
        rig.Engine.Cpus[1].Script = _ => Interlocked.Increment(ref starts) == 1 ? CpuExit.HaltedForever : CpuExit.Halted;
        rig.Domain.Start();
        StartSecond(rig);
        WaitFor(rig, () => Volatile.Read(ref starts) == 1 && !rig.Domain.Vcpus[1].IsOnline && !rig.Leases[1].IsOnline);
        rig.Call(24, 3, 1).Should().Be(0);
        rig.Domain.ShutdownState.Should().BeNull();
        StartSecond(rig);
        WaitFor(rig, () => Volatile.Read(ref starts) >= 2 && rig.Domain.Vcpus[1].IsOnline && rig.Leases[1].IsOnline);
    }

    [Fact]
    public void A_poll_with_interrupts_disabled_sleeps_whatever_interrupt_is_pending()
    {
        using Rig rig = new();
        HandleUpcalls(rig);
        uint wanted = rig.Event(7, 4, 0, 0);
        uint other = rig.Event(7, 4, 0, 0);
        rig.Unmask(other);
        rig.Domain.EventChannels.SetPending(other);
        rig.Put(Argument, [.. Rig.Words(Argument + 64, 1, 0), .. new byte[40], .. Rig.Bytes(wanted)]);
        int polls = 0;
        rig.Cpu.TakesInterrupts = false;
        rig.Cpu.Script = cpu =>
        {
            if (Interlocked.Increment(ref polls) > 1)
                return CpuExit.HaltedForever;
            HypercallFrame frame = new() { Number = 29, Argument1 = 3, Argument2 = Argument, Is64Bit = true, InterruptsDisabled = true };
            cpu.Host.Hypercall(ref frame);
            return CpuExit.Requested;
        };
        rig.Domain.Start();
        WaitForSleep(rig);
        Volatile.Read(ref polls).Should().Be(1);
        rig.Domain.EventChannels.SetPending(wanted);
        WaitFor(rig, () => Volatile.Read(ref polls) == 2);
        rig.Cpu.Taken.Should().BeEmpty();
    }

    [Fact]
    public void A_start_up_without_INIT_is_ignored()
    {
        using Rig rig = new();
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Vcpu.Host.WriteDevice(new GuestPhysical(0xfee0_0300), 4, 0x4_4610);
        WaitForSleep(rig, sleeps: 2);
        rig.Cpu.Restored.Should().BeSameAs(rig.Boot);
    }

    [Fact]
    public void A_lost_lease_ends_the_vcpu_and_dispose_frees_all()
    {
        Rig rig = new();
        rig.Domain.Start();
        WaitForSleep(rig);
        rig.Dispose();
        rig.Engine.IsDisposed.Should().BeTrue();
        rig.Console.IsDisposed.Should().BeTrue();
        rig.Dispose();
    }

    [Fact]
    public void A_domain_that_never_started_is_disposed_of()
    {
        Rig rig = new();
        rig.Dispose();
        rig.Engine.IsDisposed.Should().BeTrue();
    }

    [Fact]
    public void Text_for_the_hypervisors_log_comes_line_by_line_and_limited()
    {
        using Rig rig = new();
        rig.Put(Rig.Scratch, "hello\nwor"u8);
        rig.Call(18, 0, 9, Rig.Scratch).Should().Be(0);
        rig.Messages.Should().Equal("(d7) hello");
        foreach (byte character in "ld\x1b[31m\n"u8.ToArray())
            rig.Vcpu.Host.WritePort(0xe9, 1, character);
        rig.Messages.Should().Equal("(d7) hello", "(d7) world?[31m");
        rig.Vcpu.Host.ReadPort(0xe9, 1).Should().Be(0xe9);
        rig.Call(18, 1, 9, Rig.Scratch).Should().Be(-1);
        rig.Call(18, 0, 9, 0xdead_0000_0000).Should().Be(-14);

        rig.Put(Rig.Scratch, "x\n"u8);
        for (int line = 0; line < 1000; line++)
            rig.Call(18, 0, 2, Rig.Scratch);
        rig.Messages.Length.Should().BeLessThan(60);
        rig.Advance(1_000_000_000);
        rig.Call(18, 0, 2, Rig.Scratch);
        rig.Messages.Should().Contain(text => text.Contains("lines left out"));
    }

    private static void StartSecond(Rig rig)
    {
        // INIT, then start-up at 0x9a000, to APIC 2, as vCPU 0 would send them; a second start-up is to be ignored
        VcpuHost host = rig.Vcpu.Host;
        host.WriteDevice(new GuestPhysical(0xfee0_0310), 4, 2u << 24);
        host.WriteDevice(new GuestPhysical(0xfee0_0300), 4, 0xc500);
        host.WriteDevice(new GuestPhysical(0xfee0_0300), 4, 0x8500);
        host.WriteDevice(new GuestPhysical(0xfee0_0300), 4, 0x469a);
        host.WriteDevice(new GuestPhysical(0xfee0_0300), 4, 0x469b);
    }
}
