using Hospes.Host.Domains;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

public sealed class MemoryLedgerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_domains_were_promised_and_have_not_touched_is_not_free()
    {
        MemoryLedger ledger = Ledger("MemTotal: 8000 kB\nMemFree: 1 kB\nMemAvailable: 5000 kB\n");
        Directory.CreateDirectory(_directory.File("42"));
        File.WriteAllText(_directory.File("42/status"), "Name:\tx\nRssAnon:\t9 kB\nRssShmem:\t300 kB\n");
        ledger.Free([]).Should().Be(5000);
        ledger.Free([(42, 1000)]).Should().Be(5000 - 700);
        ledger.Free([(42, 1000), (77, 200)]).Should().Be(5000 - 700 - 200, "a process that is not there has touched nothing");
        ledger.Free([(77, 90000)]).Should().Be(0);
    }

    [Theory]
    [InlineData("max\n", 8000)]
    [InlineData("2048000\n", 2000)]
    [InlineData("9999999999999\n", 8000)]
    public void A_containers_limit_counts_when_it_is_lower(string limit, long expected)
    {
        MemoryLedger ledger = Ledger("MemTotal: 8000 kB\nMemAvailable: 8000 kB\n", limit);
        ledger.TotalKiB.Should().Be(expected);
        ledger.Free([]).Should().Be(expected);
    }

    [Fact]
    public void Too_little_memory_is_refused_in_xends_words_and_says_where_it_is()
    {
        MemoryLedger ledger = Ledger("MemTotal: 2048000 kB\nMemFree: 307200 kB\nMemAvailable: 573440 kB\n");
        ledger.Require(573440, []);
        FluentActions.Invoking(() => ledger.Require(614400, [])).Should().Throw<XendException>().WithMessage(
            "Not enough free memory and dom0_min_mem is 0, so I cannot release any more.  I need 614400 KiB but only have 573440. "
            + "(Needs 600 MiB: 300 MiB free, 260 MiB could come from ballooning Domain-0 down to what it needs; guests hold 0 of 2000 MiB.)");
    }

    [Fact]
    public void Domain_0_keeps_its_minimum()
    {
        MemoryLedger ledger = Ledger("MemTotal: 2048000 kB\nMemFree: 1024 kB\nMemAvailable: 1900000 kB\n", minimum: 500);
        ledger.Free([]).Should().Be(2048000 - 512000);
        ledger.Free([(77, 1024000)]).Should().Be(2048000 - 1024000 - 512000, "what guests were promised is not Domain-0's");
        FluentActions.Invoking(() => ledger.Require(1024000, [(77, 1024000)])).Should().Throw<XendException>().WithMessage(
            "I need 1024000 KiB, but dom0_min_mem is 512000 and shrinking to 512000 KiB would leave only 512000 KiB free. "
            + "(Needs 1000 MiB: 0 MiB free, 500 MiB could come from ballooning Domain-0 down to dom0-min-mem, 500 MiB; guests hold 1000 of 2000 MiB.)");
    }

    private MemoryLedger Ledger(string meminfo, string? limit = null, int minimum = 0)
    {
        File.WriteAllText(_directory.File("meminfo"), meminfo);
        if (limit is not null)
            File.WriteAllText(_directory.File("memory.max"), limit);
        return new MemoryLedger(_directory.Path, _directory.File("memory.max"), minimum);
    }
}
