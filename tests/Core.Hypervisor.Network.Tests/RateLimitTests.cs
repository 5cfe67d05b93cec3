using Hospes.Hypervisor.Backends.Network;

namespace Hospes.Hypervisor.Network.Tests;

public sealed class RateLimitTests
{
    [Fact]
    public void No_interval_is_no_limit() => new RateLimit(1, 0).Ask(65535, 5).Should().Be(0);

    [Fact]
    public void A_packet_waits_for_the_interval_that_pays_for_it()
    {
        RateLimit limit = new(1000, 50_000);
        limit.Ask(600, 1).Should().Be(0);
        limit.Ask(600, 10_001).Should().Be(40_000);
        limit.Ask(600, 50_001).Should().Be(0);
        limit.Ask(800, 50_002).Should().Be(0);
        limit.Ask(1, 50_003).Should().Be(49_998);
    }

    [Fact]
    public void What_is_saved_up_is_limited()
    {
        RateLimit limit = new(1000, 1000);
        limit.Ask(1, 1).Should().Be(0);
        long sent = 0;
        while (limit.Ask(1000, 10_000_000) == 0)
            sent += 1000;
        sent.Should().BeInRange(RateLimit.Burst - 1000, RateLimit.Burst);
    }

    [Theory]
    [InlineData(25_000u, 20_000u, 10)]
    [InlineData(10u, 1_000u, 10)]
    [InlineData(1_000_000u, 50_000u, 160)]
    public void Over_time_it_is_the_rate_that_was_asked_for(uint bytes, uint interval, int seconds)
    {
        RateLimit limit = new(bytes, interval);
        long sent = 0;
        for (long now = 1; now < seconds * 1_000_000L;)
        {
            long pause = limit.Ask(1400, now);
            if (pause == 0)
                sent += 1400;
            now += pause;
        }

        double wanted = bytes * 1e6 / interval * seconds;
        ((double)sent).Should().BeInRange(wanted * 0.98 - 131072, wanted * 1.02 + 131072);
    }
}
