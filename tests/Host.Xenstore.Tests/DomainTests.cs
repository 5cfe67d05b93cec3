using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests;

public sealed class DomainTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private WireClient _dom0 = null!;

    public Task InitializeAsync()
    {
        _dom0 = _store.Socket();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Theory]
    [InlineData(MessageType.Introduce, "6\01000\03\0")]
    [InlineData(MessageType.Release, "6\0")]
    [InlineData(MessageType.Resume, "6\0")]
    [InlineData(MessageType.SetTarget, "6\07\0")]
    [InlineData(MessageType.Debug, "check\0")]
    public async Task Managing_domains_is_for_dom0(object type, string payload) =>
        await _store.Domain(5).Fail("EACCES", (MessageType)type, payload);

    [Fact]
    public async Task Introduce_release_and_the_question_between()
    {
        async Task<string> Introduced() => (await _dom0.Ask(MessageType.IsDomainIntroduced, "6\0")).Text;

        (await Introduced()).Should().Be("F\0");
        await _dom0.Watch("@introduceDomain", "in");
        await _dom0.Watch("@releaseDomain", "out");
        await _dom0.Succeed(MessageType.Introduce, "6\0-1000\03\0");
        (await Introduced()).Should().Be("T\0");
        _store.Server.IsIntroduced(new DomainId(6)).Should().BeTrue();
        await _dom0.Succeed(MessageType.Introduce, "6\01000\03\0");
        await _dom0.Succeed(MessageType.Resume, "6\0");
        await _dom0.Succeed(MessageType.Release, "6\0");
        (await Introduced()).Should().Be("F\0");
        await _dom0.Fail("ENOENT", MessageType.Release, "6\0");
        await _dom0.Fail("ENOENT", MessageType.Resume, "6\0");
        (await _dom0.EventsSoFar()).Should().Equal("@introduceDomain in", "@introduceDomain in", "@releaseDomain out");
    }

    [Theory]
    [InlineData(MessageType.Introduce, "0\01000\03\0")]
    [InlineData(MessageType.Introduce, "32752\01000\03\0")]
    [InlineData(MessageType.Introduce, "6\0x\03\0")]
    [InlineData(MessageType.Introduce, "6\01000\00\0")]
    [InlineData(MessageType.Introduce, "6\01000\0")]
    [InlineData(MessageType.Introduce, "six\01000\03\0")]
    [InlineData(MessageType.Release, "0\0")]
    [InlineData(MessageType.Release, "-1\0")]
    [InlineData(MessageType.Resume, "99999999999\0")]
    [InlineData(MessageType.SetTarget, "6\0")]
    [InlineData(MessageType.SetTarget, "6\00\0")]
    [InlineData(MessageType.GetDomainPath, "70000\0")]
    [InlineData(MessageType.GetDomainPath, " 6\0")]
    [InlineData(MessageType.IsDomainIntroduced, "70000\0")]
    public async Task Numbers_that_are_no_domain_are_EINVAL(object type, string payload) =>
        await _dom0.Fail("EINVAL", (MessageType)type, payload);

    [Fact]
    public async Task A_target_needs_two_known_domains()
    {
        await _dom0.Fail("ENOENT", MessageType.SetTarget, "6\07\0");
        _store.Server.IntroduceDomain(new DomainId(6));
        await _dom0.Fail("ENOENT", MessageType.SetTarget, "6\07\0");
        _store.Server.IntroduceDomain(new DomainId(7));
        await _dom0.Succeed(MessageType.SetTarget, "6\07\0");
    }

    [Fact]
    public async Task Anybody_may_ask_for_a_domains_path_and_whether_it_is_there()
    {
        var guest = _store.Domain(5);
        (await guest.Ask(MessageType.GetDomainPath, "6\0")).Text.Should().Be("/local/domain/6\0");
        (await guest.Ask(MessageType.GetDomainPath, "007\0")).Text.Should().Be("/local/domain/7\0");
        (await guest.Ask(MessageType.IsDomainIntroduced, "0\0")).Text.Should().Be("T\0");
        (await guest.Ask(MessageType.IsDomainIntroduced, "32752\0")).Text.Should().Be("F\0");
        _store.Server.IntroduceDomain(new DomainId(5));
        (await guest.Ask(MessageType.IsDomainIntroduced, "32752\0")).Text.Should().Be("T\0");
    }

    [Fact]
    public async Task A_resume_lets_the_next_shutdown_be_told_again()
    {
        _store.Server.IntroduceDomain(new DomainId(5));
        await _dom0.Watch("@releaseDomain", "out");
        _store.Server.NotifyShutdown(new DomainId(5));
        await _dom0.Succeed(MessageType.Resume, "5\0");
        (await _dom0.EventsSoFar()).Should().Equal("@releaseDomain out");
        _store.Server.NotifyShutdown(new DomainId(5));
        (await _dom0.EventsSoFar()).Should().Equal("@releaseDomain out");
    }

    [Fact]
    public async Task Releasing_a_domain_closes_its_stream_and_forgets_its_watches_but_not_its_nodes()
    {
        var guest = _store.Domain(5);
        await guest.Watch("data", "t");
        await guest.Write("data", "left behind");
        (await guest.NextEvent()).Should().Be("data t");
        _store.Server.ReleaseDomain(new DomainId(5));
        (await guest.Receive()).Should().BeNull();
        _store.Host.Read("/local/domain/5/data").Should().Be("left behind");

        var next = _store.Ring(5);
        _store.Host.Write("/local/domain/5/data", "x");
        (await next.EventsSoFar()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_domains_watches_and_transactions_outlive_its_stream()
    {
        var guest = _store.Domain(5);
        await guest.Write("data", "");
        await guest.Watch("data", "t");
        uint transaction = await guest.Start();
        await guest.Write("data/x", "1", transaction);

        var (ours, theirs) = SocketPair.Create();
        var served = _store.Server.ServeDomain(new DomainId(5), theirs);
        using var second = new WireClient(ours);
        (await guest.Receive()).Should().BeNull("the second stream took over");
        _store.Host.Write("/local/domain/5/data", "x");
        (await second.NextEvent()).Should().Be("data t");
        await second.Commit(transaction);
        (await second.NextEvent()).Should().Be("data/x t");

        second.Dispose();
        await served;
        _store.Host.Write("/local/domain/5/data", "while nobody listens");
        var third = _store.Ring(5);
        (await third.NextEvent()).Should().Be("data t");
    }

    [Fact]
    public async Task Control_commands_answer_dom0()
    {
        (await _dom0.Ask(MessageType.Debug, "help\0")).Text.Should().Contain("check");
        (await _dom0.Ask(MessageType.Debug, "quota\0")).Text.Should().Contain("1000").And.Contain("128");
        await _dom0.Fail("EINVAL", MessageType.Debug, "no-such-command\0");
    }
}
