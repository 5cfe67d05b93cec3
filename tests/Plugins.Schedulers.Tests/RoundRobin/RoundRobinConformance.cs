using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers;

namespace Hospes.Schedulers.RoundRobin;

public sealed class RoundRobinConformance : SchedulerConformance
{
    protected override IScheduler Create() => new RoundRobinScheduler();
}
