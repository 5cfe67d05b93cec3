using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class TransactionTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private WireClient _client = null!;
    private WireClient _other = null!;

    public async Task InitializeAsync()
    {
        _client = _store.Socket();
        _other = _store.Socket();
        await _client.Write("/a/x", "1");
        await _client.Write("/a/y", "2");
        await _client.Write("/b", "3");
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task Changes_show_inside_at_once_and_outside_after_the_commit()
    {
        uint t = await _client.Start();
        await _client.Write("/a/x", "new", t);
        await _client.Write("/c/d", "made", t);
        await _client.Succeed(MessageType.Remove, "/b\0", t);
        (await _client.Read("/a/x", t)).Should().Be("new");
        (await _client.Ask(MessageType.Directory, "/\0", t)).Texts.Should().Equal("tool", "a", "c");
        await _client.Fail("ENOENT", MessageType.Read, "/b\0", t);
        (await _client.Read("/a/x")).Should().Be("1");
        (await _other.Read("/b")).Should().Be("3");
        await _client.Commit(t);
        (await _other.Read("/a/x")).Should().Be("new");
        (await _other.Read("/c/d")).Should().Be("made");
        await _other.Fail("ENOENT", MessageType.Read, "/b\0");
    }

    [Fact]
    public async Task An_abandoned_transaction_leaves_nothing()
    {
        uint t = await _client.Start();
        await _client.Write("/a/x", "new", t);
        await _client.Succeed(MessageType.TransactionEnd, "F\0", t);
        (await _client.Read("/a/x")).Should().Be("1");
        await _client.Fail("ENOENT", MessageType.Read, "/a/x\0", t);
    }

    [Fact]
    public async Task A_transaction_reads_the_store_as_it_was_at_its_start()
    {
        uint t = await _client.Start();
        await _other.Write("/a/x", "later");
        (await _client.Read("/a/x", t)).Should().Be("1");
        await _client.Commit(t);
    }

    // What the transaction does besides writing /mine, and what somebody else does before it commits.
    [Theory]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Write, "/a/x\u00001")]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Remove, "/a\0")]
    [InlineData(MessageType.Read, "/none\0", MessageType.Write, "/none\0now")]
    [InlineData(MessageType.Read, "/none/deep\0", MessageType.Write, "/none/deep\0now")]
    [InlineData(MessageType.Write, "/a/x\0mine", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Write, "/a/x\0mine", MessageType.Remove, "/a/x\0")]
    [InlineData(MessageType.Write, "/a/x\0mine", MessageType.SetPermissions, "/a/x\0r0\0")]
    [InlineData(MessageType.Write, "/a/z\0mine", MessageType.Write, "/a/z\0other")]
    [InlineData(MessageType.Write, "/a/z/deep\0mine", MessageType.MakeDirectory, "/a/z\0")]
    [InlineData(MessageType.Write, "/a/z\0mine", MessageType.SetPermissions, "/a\0r0\0")]
    [InlineData(MessageType.Write, "/a/z\0mine", MessageType.Remove, "/a\0")]
    [InlineData(MessageType.MakeDirectory, "/a/z\0", MessageType.MakeDirectory, "/a/z\0")]
    [InlineData(MessageType.Directory, "/a\0", MessageType.Write, "/a/z\0other")]
    [InlineData(MessageType.Directory, "/a\0", MessageType.Remove, "/a/x\0")]
    [InlineData(MessageType.Remove, "/a\0", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Remove, "/a\0", MessageType.Write, "/a/new/deep\0other")]
    [InlineData(MessageType.GetPermissions, "/a/x\0", MessageType.SetPermissions, "/a/x\0r0\0")]
    [InlineData(MessageType.SetPermissions, "/a/x\0b0\0", MessageType.SetPermissions, "/a/x\0r0\0")]
    public async Task Others_changing_what_it_depends_on_is_EAGAIN(object mine, string myPayload, object others, string otherPayload)
    {
        uint t = await _client.Start();
        await _client.Ask((MessageType)mine, myPayload, t);
        await _client.Write("/mine", "v", t);
        await _other.Succeed((MessageType)others, otherPayload);
        await _client.Fail("EAGAIN", MessageType.TransactionEnd, "T\0", t);
        await _client.Fail("ENOENT", MessageType.Read, "/mine\0");
        await _client.Fail("ENOENT", MessageType.TransactionEnd, "T\0", t);
    }

    [Theory]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Write, "/a/y\0other")]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Write, "/a\0other")]
    [InlineData(MessageType.Read, "/a\0", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Read, "/a\0", MessageType.Write, "/a/z\0other")]
    [InlineData(MessageType.Read, "/a/x\0", MessageType.Write, "/a/x/child\0other")]
    [InlineData(MessageType.Write, "/a/x\0mine", MessageType.Write, "/a/y\0other")]
    [InlineData(MessageType.Write, "/a/z\0mine", MessageType.Write, "/a/w\0other")]
    [InlineData(MessageType.Write, "/a/z\0mine", MessageType.Write, "/a\0other")]
    [InlineData(MessageType.Directory, "/a\0", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Remove, "/a/x\0", MessageType.Remove, "/a/y\0")]
    [InlineData(MessageType.GetPermissions, "/a/x\0", MessageType.Write, "/a/x\0other")]
    [InlineData(MessageType.Read, "/none\0", MessageType.Write, "/none-either\0other")]
    public async Task Others_changing_something_else_is_no_conflict(object mine, string myPayload, object others, string otherPayload)
    {
        uint t = await _client.Start();
        await _client.Ask((MessageType)mine, myPayload, t);
        await _client.Write("/mine", "v", t);
        await _other.Succeed((MessageType)others, otherPayload);
        await _client.Commit(t);
        (await _client.Read("/mine")).Should().Be("v");
    }

    [Fact]
    public async Task Two_transactions_that_write_apart_both_commit()
    {
        uint one = await _client.Start();
        uint two = await _client.Start();
        await _client.Write("/dev/1/state", "1", one);
        await _client.Write("/a/two", "2", two);
        await _client.Commit(one);
        await _client.Commit(two);
        (await _client.Read("/dev/1/state")).Should().Be("1");
        (await _client.Read("/a/two")).Should().Be("2");
    }

    [Fact]
    public async Task Removing_and_making_again_replaces_what_was_below()
    {
        uint t = await _client.Start();
        await _client.Write("/a/x/early", "1", t);
        await _client.Succeed(MessageType.Remove, "/a\0", t);
        await _client.Write("/a/z", "fresh", t);
        await _client.Succeed(MessageType.Remove, "/a/z\0", t);
        await _client.Write("/a/z", "fresher", t);
        await _other.Write("/unrelated", "");
        await _client.Commit(t);
        (await _client.Ask(MessageType.Directory, "/a\0")).Texts.Should().Equal("z");
        (await _client.Read("/a/z")).Should().Be("fresher");
        (await _client.Read("/a")).Should().BeEmpty();
        await _client.Succeed(MessageType.Debug, "check\0");
    }

    [Fact]
    public async Task Permissions_set_in_a_transaction_come_with_it()
    {
        uint t = await _client.Start();
        await _client.Write("/p/q", "", t);
        await _client.Succeed(MessageType.SetPermissions, "/p/q\0r5\0", t);
        await _client.Succeed(MessageType.SetPermissions, "/a/x\0w6\0", t);
        await _other.Write("/unrelated", "");
        await _client.Commit(t);
        (await _client.Ask(MessageType.GetPermissions, "/p/q\0")).Texts.Should().Equal("r5");
        (await _client.Ask(MessageType.GetPermissions, "/a/x\0")).Texts.Should().Equal("w6");
        await _client.Succeed(MessageType.Debug, "check\0");
    }

    [Fact]
    public async Task Numbers_that_are_no_transaction_are_ENOENT()
    {
        await _client.Fail("ENOENT", MessageType.Read, "/a/x\0", 77);
        await _client.Fail("ENOENT", MessageType.TransactionEnd, "T\0", 77);
        await _client.Fail("ENOENT", MessageType.TransactionEnd, "T\0");
        await _client.Fail("ENOENT", MessageType.TransactionStart, "\0", 77);
    }

    [Fact]
    public async Task Transactions_do_not_nest_and_end_with_T_or_F_only()
    {
        uint t = await _client.Start();
        await _client.Fail("EBUSY", MessageType.TransactionStart, "\0", t);
        await _client.Fail("EINVAL", MessageType.TransactionEnd, "X\0", t);
        await _client.Fail("EINVAL", MessageType.TransactionEnd, "TF\0", t);
        await _client.Fail("EINVAL", MessageType.TransactionEnd, "T", t);
        await _client.Commit(t);
    }

    [Fact]
    public async Task A_transaction_belongs_to_its_client_and_ends_with_it()
    {
        uint t = await _client.Start();
        await _client.Write("/a/x", "new", t);
        await _other.Fail("ENOENT", MessageType.TransactionEnd, "T\0", t);
        _client.Dispose();
        (await _other.Read("/a/x")).Should().Be("1");
    }

    [Fact]
    public async Task A_request_refused_inside_leaves_the_transaction_usable()
    {
        var guest = _store.Domain(5);
        uint t = await guest.Start();
        await guest.Fail("EACCES", MessageType.Write, "/a/x\0no", t);
        await guest.Fail("EINVAL", MessageType.Read, "bad//path\0", t);
        await guest.Write("data", "yes", t);
        await guest.Commit(t);
        (await guest.Read("data")).Should().Be("yes");
    }
}
