using Hospes.Host.Api;
using Hospes.Host.Verbs;

namespace Hospes.Host.Tests.Verbs;

/// <summary>What <c>perf</c> makes of an engine's counters.</summary>
public sealed class EngineReportTests
{
    private static EngineCounters Counters(params (string Name, long Value)[] counters) =>
        new(3, "web", counters.ToDictionary(static counter => counter.Name, static counter => counter.Value, StringComparer.Ordinal));

    [Fact]
    public void Amounts_are_shares_and_counters_have_rates_the_largest_part_first()
    {
        EngineCounters before = Counters(("code-used", 1 << 20), ("code-reserved", 64 << 20), ("exit/memory", 1000), ("exit/poll", 0), ("tlb-fills", 10));
        EngineCounters after = Counters(
            ("code-used", 8 << 20), ("code-reserved", 64 << 20), ("exit/memory", 3000), ("exit/poll", 1_000_000), ("tlb-fills", 10));
        EngineReport.Text(after.Since(before, TimeSpan.FromSeconds(2))).Should().Be("""
            web (domain 3), rates over 2.0 s
              code                          8.0 of 64.0 MiB (13 %)
                                                       total      per second
              tlb-fills                                   10             0.0
              exit                                 1,003,000       501,000.0
                poll                               1,000,000       500,000.0
                memory                                 3,000         1,000.0

            """);
    }

    [Fact]
    public void Without_a_second_look_there_are_totals_only() =>
        EngineReport.Text(Counters(("page-walks", 7))).Should().Be("""
            web (domain 3)
                                                       total
              page-walks                                   7

            """);

    [Fact]
    public void Hits_are_shares_of_what_was_asked_since_the_first_look()
    {
        EngineCounters before = Counters(("tlb-lookups", 1000), ("tlb-hits", 0));
        EngineCounters after = Counters(("tlb-lookups", 3000), ("tlb-hits", 1990));
        EngineReport.Text(before).Should().Contain("\n  tlb hits                      0.000 %\n");
        EngineReport.Text(after.Since(before, TimeSpan.FromSeconds(2))).Should().Contain("\n  tlb hits                      99.500 %\n");
    }

    [Fact]
    public void Many_parts_are_cut_to_the_largest_and_nothing_gets_lost()
    {
        (string, long)[] parts = [.. Enumerable.Range(1, 40).Select(static number => ($"handler/Form{number}", (long)number))];
        string text = EngineReport.Text(Counters(parts));
        text.Should().MatchRegex(@"\n  handler +820\n    Form40 +40\n").And.MatchRegex(@"\n    28 others +406\n").And.NotContain("Form28 ").And.Contain("Form29 ");
    }

    [Fact]
    public void An_engine_that_counts_nothing_is_said_to() =>
        EngineReport.Text(Counters()).Should().Be("web (domain 3)\n  its engine counts nothing\n");

    [Fact]
    public void Rates_are_of_one_domain_and_of_what_grows()
    {
        EngineCounters after = Counters(("code-used", 5), ("page-walks", 9));
        EngineCounters rates = after.Since(Counters(("code-used", 9), ("page-walks", 4)), TimeSpan.FromSeconds(10));
        rates.PerSecond.Should().BeEquivalentTo(new Dictionary<string, double> { ["page-walks"] = 0.5 });
        after.Since(after with { Domid = 2 }, TimeSpan.FromSeconds(1)).PerSecond.Should().BeNull("a restarted guest began anew");
        after.Since(after, TimeSpan.Zero).PerSecond.Should().BeNull("no time, no rate");
    }
}
