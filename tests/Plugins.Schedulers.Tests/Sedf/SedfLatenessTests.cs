using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers.Sedf;

/// <summary>On live guests turns begin and end a little late, and not all of a turn is used.</summary>
public sealed class SedfLatenessTests
{
    private static readonly PcpuId Pcpu = new(0);

    [Fact]
    public void A_guarantee_holds_though_turns_end_late_and_begin_late()
    {
        var random = new Random(1);
        var scheduler = new SedfScheduler();
        VcpuKey guaranteed = new(new DomainId(1), new VcpuId(0));
        VcpuKey hog = new(new DomainId(2), new VcpuId(0));
        var now = new Nanoseconds(1_000_000);
        scheduler.Start(1, now);
        foreach (VcpuKey vcpu in (VcpuKey[])[guaranteed, hog])
        {
            scheduler.Add(vcpu, now);
            scheduler.Wake(vcpu, now);
        }
        scheduler.Write(guaranteed.Domain, new Dictionary<string, long> { ["period"] = 20_000_000, ["slice"] = 12_000_000, ["extratime"] = 0 }, now);
        scheduler.Tick(now);
        Nanoseconds begin = now;
        long longest = 0;
        Dictionary<VcpuKey, long> used = new() { [guaranteed] = 0, [hog] = 0 };
        while (now < new Nanoseconds(30_000_000_000))
        {
            SchedulingDecision decision = scheduler.Next(Pcpu, now);
            long slice = Math.Max(decision.Slice.Value, 50_000);
            long late = random.Next(200) == 0 ? random.Next(70_000_000) : random.Next(200_000); // now and then the host has other worries
            long unused = random.Next(100_000);
            now += new Nanoseconds(slice + late);
            long ran = Math.Max(0, slice + late - unused);
            longest = Math.Max(longest, late);
            used[decision.Vcpu!.Value] += ran;
            scheduler.Charge(decision.Vcpu.Value, Pcpu, new Nanoseconds(ran), now);
        }
        (used[guaranteed] / (double)(now - begin).Value).Should().BeInRange(0.55, 0.61, "what the host took it cannot get back, but it goes on");
        longest.Should().BeGreaterThan(60_000_000);
    }
}
