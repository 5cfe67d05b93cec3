using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Abi.Tests.Time;

public sealed class TimerQueueTests
{
    private readonly FakeClock _clock = new();

    private Nanoseconds In(long nanoseconds) => _clock.Now + new Nanoseconds(nanoseconds);

    [Fact]
    public void Timers_fire_in_order_of_their_deadlines_whatever_happens_to_them_before()
    {
        TimerQueue queue = new(_clock);
        Random random = new(1234);
        List<int> fired = [];
        GuestTimer[] timers = [.. Enumerable.Range(0, 60).Select(index => new GuestTimer(_ => fired.Add(index)))];
        for (int round = 0; round < 300; round++)
        {
            Dictionary<int, long> armed = [];
            for (int step = 0; step < 120; step++)
            {
                int index = random.Next(timers.Length);
                if (random.Next(4) == 0)
                {
                    queue.Cancel(timers[index]);
                    armed.Remove(index);
                }
                else
                {
                    armed[index] = 1 + random.NextInt64(1000);
                    queue.Arm(timers[index], In(armed[index]));
                }
            }

            queue.Plan().Should().Be(armed.Count == 0 ? Nanoseconds.Never : In(armed.Values.Min()));
            fired.Clear();
            long[] deadlines = new long[timers.Length];
            foreach ((int index, long deadline) in armed)
                deadlines[index] = deadline;
            _clock.Advance(1000);
            queue.RunDue();
            long[] times = [.. fired.Select(index => deadlines[index])];
            times.SequenceEqual(times.Order()).Should().BeTrue("round {0}", round);
            fired.Order().SequenceEqual(armed.Keys.Order()).Should().BeTrue("round {0}", round);
            queue.Plan().Should().Be(Nanoseconds.Never);
        }
    }

    [Fact]
    public void Only_an_earlier_deadline_than_planned_moves_the_alarm()
    {
        CountingAlarm alarm = new();
        TimerQueue queue = new(_clock) { Alarm = alarm };
        GuestTimer first = new(_ => { });
        GuestTimer second = new(_ => { });
        queue.Arm(first, In(100));
        alarm.Moves.Should().Equal(In(100));
        queue.Plan();
        queue.Arm(second, In(200));
        queue.Arm(first, In(150));
        alarm.Moves.Should().Equal([In(100), In(100)], "the thread wakes before that anyway");
        queue.Arm(second, In(50));
        queue.Arm(first, In(60));
        alarm.Moves.Should().Equal([In(100), In(100), In(50)], "it has been told already to wake before that");
    }

    [Fact]
    public void Nobody_else_wakes_for_the_timers_of_one_who_sleeps_until_them()
    {
        CountingAlarm alarm = new();
        TimerQueue queue = new(_clock) { Alarm = alarm };
        int fired = 0;
        GuestTimer own = new(_ => fired++);
        GuestTimer other = new(_ => { });
        queue.Arm(own, In(100));
        queue.Arm(other, In(300));
        queue.Entrust([own]);
        alarm.Moves[^1].Should().Be(In(300));
        queue.Plan().Should().Be(In(300));

        queue.Reclaim([own]);
        alarm.Moves[^1].Should().Be(In(100), "it was woken by something else, and runs");
        queue.Entrust([own]);
        queue.Arm(own, In(50));
        alarm.Moves[^1].Should().Be(In(50), "another has armed it, for whom it did not sleep");
        queue.Entrust([own]);
        _clock.Advance(60);
        queue.Reclaim([own]);
        fired.Should().Be(1);
    }

    [Fact]
    public void A_deadline_that_has_passed_fires_at_once()
    {
        TimerQueue queue = new(_clock);
        int fired = 0;
        GuestTimer timer = new(_ => fired++);
        queue.Arm(timer, _clock.Now);
        fired.Should().Be(1);
        timer.Deadline.Should().Be(Nanoseconds.Never);
        queue.Arm(timer, Nanoseconds.Never);
        _clock.Advance(long.MaxValue / 2);
        queue.RunDue();
        fired.Should().Be(1);
    }

    [Fact]
    public void The_domains_thread_fires_what_nobody_else_does()
    {
        using DomainTimers timers = new(_clock);
        using ManualResetEventSlim fired = new();
        GuestTimer timer = new(_ => fired.Set());
        timers.Start();
        timers.Queue.Arm(timer, In(1000));
        _clock.Advance(999);
        fired.IsSet.Should().BeFalse();
        _clock.Advance(1);
        fired.Wait(Rig.Patience).Should().BeTrue();
    }

    [Fact]
    public void The_hosts_alarm_waits_for_its_time_and_is_brought_forward()
    {
        HostClock clock = new();
        using IAlarm alarm = clock.CreateAlarm();
        Nanoseconds deadline = clock.Now + Nanoseconds.FromMilliseconds(3);
        int returns = 0;
        while (clock.Now < deadline)
        {
            alarm.Move(deadline);
            alarm.Wait();
            returns++;
        }

        returns.Should().BeLessThan(10, "it waits and does not spin");
        using ManualResetEventSlim awake = new();
        alarm.Move(Nanoseconds.Never);
        Thread sleeper = new(() =>
        {
            alarm.Wait();
            awake.Set();
        });
        sleeper.Start();
        awake.IsSet.Should().BeFalse();
        alarm.Move(clock.Now);
        awake.Wait(Rig.Patience).Should().BeTrue();
        sleeper.Join();

        alarm.Ring();
        alarm.Move(Nanoseconds.Never);
        alarm.Wait();
    }

    [Fact]
    public void Guest_time_converts_to_the_hosts_clock_and_saturates()
    {
        GuestClock guest = new(_clock);
        guest.Now.Should().Be(0);
        _clock.Advance(500);
        guest.Now.Should().Be(500);
        guest.ToHost(600).Should().Be(In(100));
        guest.ToHost(unchecked((ulong)-5L)).Should().BeLessThan(_clock.Now);
        guest.ToHost(long.MaxValue).Should().Be(Nanoseconds.Never);
        guest.WallClockBase.Should().Be((ulong)_clock.UnixTime.Value - 500);
        new GuestClock(_clock, TimeSpan.FromHours(-1)).WallClockBase.Should().Be((ulong)_clock.UnixTime.Value - 3_600_000_000_000, "local time is what it shows");
    }

    private sealed class CountingAlarm : IAlarm
    {
        internal List<Nanoseconds> Moves { get; } = [];

        public void Move(Nanoseconds deadline) => Moves.Add(deadline);

        public void Wait()
        {
        }

        public void Ring()
        {
        }

        public void Dispose()
        {
        }
    }
}
