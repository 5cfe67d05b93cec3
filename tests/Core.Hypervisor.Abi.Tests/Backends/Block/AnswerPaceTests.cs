using Hospes.Hypervisor.Backends.Block;

namespace Hospes.Hypervisor.Abi.Tests.Backends.Block;

/// <summary>When a guest is told of answers, on time that the test makes.</summary>
public sealed class AnswerPaceTests
{
    private readonly AnswerPace _pace = new();

    [Fact]
    public void Without_answers_nobody_waits() => _pace.Wait(0, 100, 1).Should().Be(0);

    [Fact]
    public void A_guest_that_waits_for_few_is_told_at_once()
    {
        for (int underway = 0; underway < AnswerPace.Deep; underway++)
            _pace.Wait(1, underway, 10 + underway).Should().Be(0);
    }

    [Fact]
    public void With_many_under_way_answers_are_gathered_but_never_long()
    {
        _pace.Wait(1, 31, 1000).Should().Be(AnswerPace.Longest);
        _pace.Wait(3, 29, 1000 + AnswerPace.Longest - 1).Should().Be(1, "the first answer's time counts");
        _pace.Wait(3, 29, 1000 + AnswerPace.Longest).Should().Be(0);
        _pace.Wait(1, 28, 5000).Should().Be(AnswerPace.Longest, "it begins anew");
        _pace.Wait(AnswerPace.Most, 20, 5001).Should().Be(0, "that is a batch");
        _pace.Wait(1, 28, 6000).Should().Be(AnswerPace.Longest);
        _pace.Wait(2, 3, 6001).Should().Be(0, "nothing more to come that it could wait for");
    }
}
