using Hospes.Host.Domains;
using Hospes.Sxp;

namespace Hospes.Host.Tests.Domains;

public sealed class DomainTableTests
{
    private readonly DomainTable _table = new();

    [Fact]
    public void Numbers_go_up_and_are_not_used_again()
    {
        ManagedDomain first = Begin("a");
        _table.Remove(first);
        Begin("a").Id.Value.Should().Be(2);
    }

    [Fact]
    public void Numbers_of_domains_that_outlived_a_daemon_are_skipped()
    {
        _table.SkipNumbersUpTo(41);
        Begin("a").Id.Value.Should().Be(42);
    }

    [Fact]
    public void A_name_is_taken_from_the_moment_its_domain_is_begun()
    {
        Begin("web");
        FluentActions.Invoking(() => Begin("web")).Should().Throw<XendException>().WithMessage("VM name 'web' already exists as domain 1");
        FluentActions.Invoking(() => Begin("Domain-0")).Should().Throw<XendException>().WithMessage("VM name 'Domain-0' already exists as domain 0");
    }

    [Fact]
    public void An_identity_belongs_to_one_domain()
    {
        Guid uuid = Guid.NewGuid();
        _table.Begin(Configuration("a") with { Uuid = uuid }, default, DateTimeOffset.UnixEpoch);
        FluentActions.Invoking(() => _table.Begin(Configuration("b") with { Uuid = uuid }, default, DateTimeOffset.UnixEpoch))
            .Should().Throw<XendException>().WithMessage($"Domain UUID '{uuid}' is already used by domain 1 (a).");
    }

    [Fact]
    public void A_restart_takes_over_name_and_identity_while_the_old_one_is_still_listed()
    {
        ManagedDomain old = Live("web");
        ManagedDomain next = _table.Begin(old.Configuration, default, DateTimeOffset.UnixEpoch, replaced: old);
        _table.Find("web").Should().BeSameAs(old);
        next.Phase = DomainPhase.Live;
        _table.Remove(old);
        _table.Find("web").Should().BeSameAs(next);
    }

    [Fact]
    public void A_reference_means_the_name_first_then_the_number_then_the_identity()
    {
        ManagedDomain one = Live("2");
        ManagedDomain two = Live("other");
        _table.Find("2").Should().BeSameAs(one);
        _table.Find("1").Should().BeSameAs(one);
        _table.Find("other").Should().BeSameAs(two);
        _table.Find(two.Uuid.ToString("N")).Should().BeSameAs(two);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("99999999")]
    [InlineData("")]
    public void An_unknown_reference_is_fault_3_with_the_reference_as_text(string reference) =>
        FluentActions.Invoking(() => _table.Find(reference)).Should().Throw<XendException>()
            .Where(fault => fault.Code == XendError.InvalidDomain && fault.Message == reference);

    [Fact]
    public void A_domain_that_is_being_created_cannot_be_found_or_listed()
    {
        Begin("web");
        FluentActions.Invoking(() => _table.Find("web")).Should().Throw<XendException>();
        FluentActions.Invoking(() => _table.Find("1")).Should().Throw<XendException>();
        _table.Listed.Should().BeEmpty();
    }

    [Fact]
    public void Renaming_to_a_name_that_is_taken_changes_nothing()
    {
        ManagedDomain one = Live("one");
        Live("two");
        FluentActions.Invoking(() => _table.Rename(one, "two", one.Uuid)).Should().Throw<XendException>().WithMessage("*already exists as domain 2");
        one.Name.Should().Be("one");
        _table.Rename(one, "three", one.Uuid);
        _table.Find("three").Should().BeSameAs(one);
    }

    private ManagedDomain Begin(string name) => _table.Begin(Configuration(name), default, DateTimeOffset.UnixEpoch);

    private ManagedDomain Live(string name)
    {
        ManagedDomain domain = Begin(name);
        domain.Phase = DomainPhase.Live;
        return domain;
    }

    private static VmConfiguration Configuration(string name) => new()
    {
        Name = name,
        Uuid = Guid.NewGuid(),
        MemoryMiB = 32,
        MaximumMemoryMiB = 32,
        Vcpus = 1,
        VcpusAvailable = 1,
        OnPoweroff = LifecycleAction.Destroy,
        OnReboot = LifecycleAction.Restart,
        OnCrash = LifecycleAction.Restart,
        OnXendStart = "ignore",
        OnXendStop = "ignore",
        Kernel = "/kernel",
        CommandLine = "",
        Engine = "auto",
        Console = "socket",
        Image = new SxpList("linux"),
    };
}
