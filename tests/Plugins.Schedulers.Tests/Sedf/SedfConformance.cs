using Hospes.Sdk.Schedulers;
using Hospes.TestKit.Schedulers;

namespace Hospes.Schedulers.Sedf;

public sealed class SedfConformance : SchedulerConformance
{
    // vCPUs stay on the pCPU they were given, as in Xen's.
    protected override bool IsWorkConserving => false;

    protected override IEnumerable<(string Name, long Value)> BadParameters =>
    [
        ("period", 0), ("period", 9_999), ("period", 10_000_000_001), ("period", -1), ("slice", 4_999), ("slice", 100_000_001), ("slice", -1),
        ("extratime", 2), ("extratime", 0), ("weight", -1), ("weight", long.MaxValue), ("latency", -1),
    ];

    protected override IScheduler Create() => new SedfScheduler();
}
