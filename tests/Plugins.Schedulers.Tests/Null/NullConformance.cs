using Hospes.Sdk;
using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers;

namespace Hospes.Schedulers.Null;

public sealed class NullConformance : SchedulerConformance
{
    protected override bool IsWorkConserving => false;

    protected override Nanoseconds? LongestWaitOfFour => null;

    protected override double? Unfairness => null;

    protected override IScheduler Create() => new NullScheduler();
}
