using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests;

public sealed class WatchTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private WireClient _watcher = null!;
    private WireClient _actor = null!;

    public async Task InitializeAsync()
    {
        _watcher = _store.Socket();
        _actor = _store.Socket();
        await _actor.Write("/w/a/b", "1");
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task A_watch_is_answered_OK_and_fires_at_once_after_that()
    {
        await _watcher.Send(WireClient.Encode(MessageType.Watch, "/nowhere/yet\0token\0", request: 9));
        (await _watcher.Receive())!.Header.Should().Be(new MessageHeader(MessageType.Watch, 9, 0, 3));
        var first = (await _watcher.Receive())!;
        first.Header.Type.Should().Be(MessageType.WatchEvent);
        first.Text.Should().Be("/nowhere/yet\0token\0");
    }

    [Fact]
    public async Task Every_kind_of_change_at_or_below_fires_with_the_changed_path()
    {
        await _watcher.Watch("/w", "t");
        await _actor.Write("/w/a/b", "2");
        await _actor.Write("/w/new/deep", "");
        await _actor.Succeed(MessageType.MakeDirectory, "/w/dir\0");
        await _actor.Succeed(MessageType.SetPermissions, "/w/a\0r0\0");
        await _actor.Succeed(MessageType.Remove, "/w/dir\0");
        await _actor.Write("/w", "itself");
        (await _watcher.EventsSoFar()).Should().Equal("/w/a/b t", "/w/new/deep t", "/w/dir t", "/w/a t", "/w/dir t", "/w t");
    }

    [Fact]
    public async Task What_is_beside_or_above_does_not_fire()
    {
        await _watcher.Watch("/w/a", "t");
        await _actor.Write("/w", "above");
        await _actor.Write("/w/ab", "beside");
        await _actor.Write("/w/c", "beside");
        await _actor.Succeed(MessageType.MakeDirectory, "/w/a/b\0");
        await _actor.Succeed(MessageType.Remove, "/w/a/none\0");
        await _actor.Read("/w/a/b");
        (await _watcher.EventsSoFar()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_watch_on_the_root_sees_all()
    {
        await _watcher.Watch("/", "root");
        await _actor.Write("/x", "");
        await _actor.Write("/w/a/b", "");
        (await _watcher.EventsSoFar()).Should().Equal("/x root", "/w/a/b root");
    }

    [Fact]
    public async Task Removing_a_parent_fires_watches_below_with_their_own_path()
    {
        await _watcher.Watch("/w/a/b", "below");
        await _watcher.Watch("/w/a", "middle");
        await _watcher.Watch("/w", "above");
        await _watcher.Watch("/w/a/none", "absent");
        await _actor.Succeed(MessageType.Remove, "/w/a\0");
        (await _watcher.EventsSoFar()).Should().BeEquivalentTo("/w/a above", "/w/a middle", "/w/a/b below");
    }

    [Fact]
    public async Task Making_a_parent_on_the_way_fires_with_the_path_that_was_asked_for()
    {
        await _watcher.Watch("/n/m", "t");
        await _actor.Write("/n/m/o/p", "");
        (await _watcher.EventsSoFar()).Should().Equal("/n/m/o/p t");
    }

    [Fact]
    public async Task A_transaction_fires_once_per_path_and_only_when_committed()
    {
        await _watcher.Watch("/w", "t");
        uint dropped = await _actor.Start();
        await _actor.Write("/w/x", "", dropped);
        await _actor.Succeed(MessageType.TransactionEnd, "F\0", dropped);
        uint t = await _actor.Start();
        await _actor.Write("/w/a/b", "5", t);
        await _actor.Write("/w/c", "", t);
        await _actor.Write("/w/a/b", "6", t);
        await _actor.Write("/w/passing", "", t);
        await _actor.Succeed(MessageType.Remove, "/w/passing\0", t);
        (await _watcher.EventsSoFar()).Should().BeEmpty();
        await _actor.Commit(t);
        (await _watcher.EventsSoFar()).Should().Equal("/w/a/b t", "/w/c t");
    }

    [Fact]
    public async Task A_transaction_in_conflict_fires_nothing()
    {
        uint t = await _actor.Start();
        await _actor.Write("/w/a/b", "mine", t);
        await _store.Socket().Write("/w/a/b", "other");
        await _watcher.Watch("/w", "t");
        await _actor.Fail("EAGAIN", MessageType.TransactionEnd, "T\0", t);
        (await _watcher.EventsSoFar()).Should().BeEmpty();
    }

    [Fact]
    public async Task Watches_are_told_apart_by_path_and_token()
    {
        await _watcher.Watch("/w", "one");
        await _watcher.Watch("/w", "two");
        await _watcher.Watch("/w/a", "one");
        await _watcher.Fail("EEXIST", MessageType.Watch, "/w\0one\0");
        await _actor.Watch("/w", "one");
        await _actor.Write("/w/a/b", "2");
        (await _watcher.EventsSoFar()).Should().BeEquivalentTo("/w/a/b one", "/w/a/b two", "/w/a/b one");
    }

    [Fact]
    public async Task A_token_may_be_any_bytes()
    {
        await _watcher.Watch("/w", "\u0001\u00ff");
        await _watcher.Watch("/w", "");
        await _watcher.Succeed(MessageType.Unwatch, "/w\0\u0001\u00ff\0");
    }

    [Fact]
    public async Task After_unwatch_nothing_comes()
    {
        await _watcher.Watch("/w", "t");
        await _watcher.Fail("ENOENT", MessageType.Unwatch, "/w\0other\0");
        await _watcher.Fail("ENOENT", MessageType.Unwatch, "/w/a\0t\0");
        await _watcher.Succeed(MessageType.Unwatch, "/w\0t\0");
        await _watcher.Fail("ENOENT", MessageType.Unwatch, "/w\0t\0");
        await _actor.Write("/w/a/b", "2");
        (await _watcher.EventsSoFar()).Should().BeEmpty();
        await _watcher.Watch("/w", "t");
    }

    [Theory]
    [InlineData("/w\0")]
    [InlineData("/w\0token")]
    [InlineData("\0token\0")]
    [InlineData("/w//x\0token\0")]
    [InlineData("/w/\0token\0")]
    public async Task Malformed_watches_are_EINVAL(string payload)
    {
        await _watcher.Fail("EINVAL", MessageType.Watch, payload);
        await _watcher.Fail("EINVAL", MessageType.Unwatch, payload);
    }

    [Fact]
    public async Task A_watch_registered_relative_hears_relative_paths()
    {
        var guest = _store.Domain(5);
        await guest.Watch("control/shutdown", "rel");
        await guest.Watch("/local/domain/5/control", "abs");
        await _actor.Write("/local/domain/5/control/shutdown", "poweroff");
        (await guest.EventsSoFar()).Should().BeEquivalentTo("control/shutdown rel", "/local/domain/5/control/shutdown abs");
        await _actor.Succeed(MessageType.Remove, "/local/domain/5\0");
        (await guest.EventsSoFar()).Should().BeEquivalentTo("control/shutdown rel", "/local/domain/5/control abs");
        await guest.Succeed(MessageType.Unwatch, "/local/domain/5/control/shutdown\0rel\0");
    }

    [Fact]
    public async Task Events_go_only_to_those_who_may_read()
    {
        var guest = _store.Domain(5);
        await guest.Watch("/w", "t");
        await _actor.Write("/w/a/b", "secret");
        await _actor.Write("/w/secret", "");
        await _actor.Succeed(MessageType.Remove, "/w/secret\0");
        (await guest.EventsSoFar()).Should().BeEmpty();

        // Readable from now on: the change itself is told, and so are later ones.
        await _actor.Succeed(MessageType.SetPermissions, "/w/a/b\0n0\0r5\0");
        await _actor.Write("/w/a/b", "told");
        await _actor.Write("/w/a/c", "not told");
        (await guest.EventsSoFar()).Should().Equal("/w/a/b t", "/w/a/b t");

        // The last thing told is that it went out of sight.
        await _actor.Succeed(MessageType.SetPermissions, "/w/a/b\0n0\0");
        await _actor.Write("/w/a/b", "secret again");
        (await guest.EventsSoFar()).Should().Equal("/w/a/b t");
    }

    [Fact]
    public async Task The_removal_of_a_readable_node_is_told_even_below_an_unreadable_one()
    {
        var guest = _store.Domain(5);
        await _actor.Succeed(MessageType.SetPermissions, "/w/a/b\0n0\0r5\0");
        await guest.Watch("/w/a/b", "t");
        await _actor.Succeed(MessageType.Remove, "/w/a\0");
        (await guest.EventsSoFar()).Should().Equal("/w/a/b t");
    }

    [Fact]
    public async Task Who_may_list_a_directory_hears_of_unreadable_children_coming_and_going()
    {
        var guest = _store.Domain(5);
        await _actor.Succeed(MessageType.SetPermissions, "/w\0r0\0");
        _store.Host.Atomically(t =>
        {
            t.Write("/w/hidden", "");
            t.SetPermissions("/w/hidden", NodePermissions.Parse("n0"));
        });
        await guest.Watch("/w", "t");
        await _actor.Write("/w/hidden", "2");
        (await guest.EventsSoFar()).Should().BeEmpty();
        await _actor.Succeed(MessageType.Remove, "/w/hidden\0");
        (await guest.EventsSoFar()).Should().Equal("/w/hidden t");
    }

    [Fact]
    public async Task Special_watches_tell_of_domains()
    {
        await _watcher.Watch("@introduceDomain", "in");
        await _watcher.Watch("@releaseDomain", "out");
        _store.Server.IntroduceDomain(new DomainId(5));
        (await _watcher.EventsSoFar()).Should().Equal("@introduceDomain in");
        _store.Server.NotifyShutdown(new DomainId(5));
        _store.Server.NotifyShutdown(new DomainId(5));
        (await _watcher.EventsSoFar()).Should().Equal("@releaseDomain out");
        _store.Server.ReleaseDomain(new DomainId(5));
        _store.Server.ReleaseDomain(new DomainId(5));
        (await _watcher.EventsSoFar()).Should().Equal("@releaseDomain out");
    }

    [Fact]
    public async Task A_guest_hears_special_watches_only_if_dom0_lets_it()
    {
        var guest = _store.Domain(5);
        await guest.Watch("@releaseDomain", "out");
        _store.Server.IntroduceDomain(new DomainId(6));
        _store.Server.ReleaseDomain(new DomainId(6));
        (await guest.EventsSoFar()).Should().BeEmpty();
        await guest.Fail("EACCES", MessageType.GetPermissions, "@releaseDomain\0");
        await guest.Fail("EACCES", MessageType.SetPermissions, "@releaseDomain\0r5\0");
        await guest.Fail("EACCES", MessageType.GetPermissions, "@other\0");
        await _actor.Fail("ENOENT", MessageType.GetPermissions, "@other\0");
        await _actor.Succeed(MessageType.SetPermissions, "@releaseDomain\0n0\0r5\0");
        (await _actor.Ask(MessageType.GetPermissions, "@releaseDomain\0")).Texts.Should().Equal("n0", "r5");
        _store.Server.IntroduceDomain(new DomainId(6));
        _store.Server.ReleaseDomain(new DomainId(6));
        (await guest.EventsSoFar()).Where(static e => e == "@releaseDomain out").Should().NotBeEmpty();
    }

    [Fact]
    public async Task Reset_watches_drops_the_callers_watches_and_transactions_only()
    {
        var guest = _store.Domain(5);
        await guest.Watch("data", "t");
        await _watcher.Watch("/local/domain/5", "host");
        uint t = await guest.Start();
        await guest.Succeed(MessageType.ResetWatches, "\0");
        await guest.Fail("ENOENT", MessageType.TransactionEnd, "T\0", t);
        await guest.Write("data", "v");
        (await guest.EventsSoFar()).Should().BeEmpty();
        (await _watcher.EventsSoFar()).Should().Equal("/local/domain/5/data host");
        await guest.Watch("data", "t");
    }

    [Fact]
    public async Task The_same_event_is_not_queued_twice_for_a_client_that_has_not_taken_it()
    {
        await _watcher.Watch("/w", "t");
        _store.Host.Atomically(static t => t.Write("/w/a/b", "x"));
        for (int i = 0; i < 10_000; i++)
            _store.Host.Write("/w/a/b", "x");
        var events = await _watcher.EventsSoFar();
        events.Should().NotBeEmpty().And.OnlyContain(static e => e == "/w/a/b t");
        events.Length.Should().BeLessThan(10_001);
    }
}
