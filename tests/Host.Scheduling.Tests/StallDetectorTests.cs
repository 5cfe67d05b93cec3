using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

public sealed class StallDetectorTests
{
    private long _waited;

    [Fact]
    public void A_call_that_stays_away_is_a_stall_within_the_limit() => Looks(call: 1, waits: 0, every: 20).Should().BeInRange(3, 5);

    [Fact]
    public void A_host_that_does_not_let_the_thread_run_is_no_stall() => Looks(call: 1, waits: 20, every: 20).Should().Be(int.MaxValue);

    [Fact]
    public void A_process_that_stood_still_is_no_stall()
    {
        var detector = new StallDetector(_ => _waited);
        detector.Look((1, 1), Nanoseconds.FromMilliseconds(0)).Should().BeFalse();
        detector.Look((1, 1), Nanoseconds.FromMilliseconds(5_000)).Should().BeFalse();
    }

    [Fact]
    public void Many_short_calls_are_no_stall()
    {
        var detector = new StallDetector(_ => _waited);
        for (int look = 0; look < 1_000; look++)
            detector.Look((look + 1, 1), Nanoseconds.FromMilliseconds(look * 20)).Should().BeFalse();
    }

    // After how many looks it sees the stall.
    private int Looks(long call, long waits, long every)
    {
        var detector = new StallDetector(_ => _waited);
        for (int look = 1; look <= 1_000; look++)
        {
            if (detector.Look((call, 1), Nanoseconds.FromMilliseconds(look * every)))
                return look;
            _waited += waits * 1_000_000;
        }
        return int.MaxValue;
    }
}
