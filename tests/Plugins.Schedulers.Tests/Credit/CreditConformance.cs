using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers;

namespace Hospes.Schedulers.Credit;

public sealed class CreditConformance : SchedulerConformance
{
    protected override IEnumerable<(string Name, long Value)> BadParameters =>
        [("weight", 0), ("weight", 65536), ("weight", -1), ("cap", -1), ("cap", 101), ("cap", long.MaxValue)];

    protected override IScheduler Create() => new CreditScheduler();
}
