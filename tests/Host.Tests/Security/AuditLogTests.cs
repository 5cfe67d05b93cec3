using System.Text.Json.Nodes;
using Hospes.Host.Security;
using Hospes.Host.Tests.Support;
using Hospes.Sdk.Security;

namespace Hospes.Host.Tests.Security;

/// <summary>The audit has every denial, each a line of JSON that says who, what and by which rule; what guests repeat is counted and not all written.</summary>
public sealed class AuditLogTests : IDisposable
{
    private static readonly SecurityStatus Status = new() { Type = "ACM", Policy = "example.test", IsEnforcing = true, Fingerprint = "00ff" };
    private static readonly SecurityDecision Denial = SecurityDecision.Denied("domain \"a\" (1)", "domain b (2)\n", "STE: no type in common");

    private readonly TemporaryDirectory _directory = new();
    private readonly Clock _clock = new();
    private readonly HostPaths _paths;
    private readonly AuditLog _audit;

    public AuditLogTests()
    {
        _paths = new HostPaths(_directory.File("r"));
        _paths.Create();
        _audit = new AuditLog(_paths, _clock);
    }

    public void Dispose()
    {
        _audit.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Every_operation_is_written_with_its_names()
    {
        SecurityOperation[] all = Enum.GetValues<SecurityOperation>();
        foreach (SecurityOperation operation in all)
            _audit.Write(operation, Denial, static () => Status, isGuests: false);
        JsonNode[] lines = Lines();
        lines.Select(static line => (string)line["operation"]!).Should().Equal(all.Select(static operation => operation.ToString()));
        lines.Should().OnlyContain(static line => (string)line["subject"]! == "domain \"a\" (1)" && (string)line["object"]! == "domain b (2)\n" && (string)line["rule"]! == "STE: no type in common"
            && (string)line["policy"]! == "example.test" && (string)line["fingerprint"]! == "00ff");
        lines.Select(static line => (long)line["number"]!).Should().BeInAscendingOrder().And.EndWith(all.Length);
        _audit.Denials.Should().HaveCount(all.Length).And.OnlyContain(static pair => pair.Value == 1);
    }

    [Fact]
    public void What_a_guest_repeats_is_counted_and_written_at_a_limited_rate()
    {
        int asked = 0;
        SecurityStatus Ask()
        {
            asked++;
            return Status;
        }

        for (int attempt = 0; attempt < 1000; attempt++)
            _audit.Write(SecurityOperation.StoreAccess, Denial, Ask, isGuests: true);
        int written = Lines().Length;
        written.Should().Be(50);
        asked.Should().Be(written, "what is not written costs nothing");
        _audit.Write(SecurityOperation.DomainCreate, Denial, Ask, isGuests: false);
        Lines()[^1]["unwritten"]!.GetValue<long>().Should().Be(950, "the next line says how many were not");
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (int attempt = 0; attempt < 1000; attempt++)
            _audit.Write(SecurityOperation.StoreAccess, Denial, Ask, isGuests: true);
        Lines().Should().HaveCount(written + 1 + 10, "ten a second");
        _audit.Denials[SecurityOperation.StoreAccess].Should().Be(2000);
    }

    private JsonNode[] Lines()
    {
        using StreamReader reader = new(new FileStream(_paths.SecurityAudit, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!)];
    }

    private sealed class Clock : TimeProvider
    {
        private long _now = 1000;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += (long)time.TotalMilliseconds;
    }
}
