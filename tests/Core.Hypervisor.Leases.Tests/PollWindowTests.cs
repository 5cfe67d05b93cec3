using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Leases;

public sealed class PollWindowTests
{
    private const long Longest = 200_000;

    [Fact]
    public void It_is_closed_at_first_and_opens_with_short_waits()
    {
        PollWindow window = new(Longest);
        window.Span.Should().Be(0);
        List<long> spans = [];
        for (int wait = 0; wait < 8; wait++)
        {
            window.Waited(Longest);
            spans.Add(window.Span);
        }

        spans.Should().Equal(10_000, 20_000, 40_000, 80_000, 160_000, 200_000, 200_000, 200_000);
    }

    [Fact]
    public void What_comes_while_one_looks_changes_nothing()
    {
        PollWindow window = new(Longest);
        window.Waited(15_000);
        window.Waited(9_000);
        window.Span.Should().Be(10_000);
    }

    [Fact]
    public void Long_waits_close_it()
    {
        PollWindow window = new(Longest);
        for (int wait = 0; wait < 6; wait++)
            window.Waited(Longest);
        int waits = 0;
        for (; window.Span != 0 && waits < 100; waits++)
            window.Waited(Longest + 1);
        waits.Should().BeInRange(1, 6);
    }

    [Fact]
    public void One_of_no_length_never_opens()
    {
        PollWindow window = new(0);
        window.Waited(0);
        window.Waited(1);
        window.Span.Should().Be(0);
    }
}
