using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class QuotaTests : IAsyncLifetime
{
    private readonly Store _store = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task A_guest_owns_at_most_1000_nodes()
    {
        var guest = _store.Domain(5);

        string error = "";
        for (int i = 0; error.Length == 0 && i < 2000; i++)
            error = (await guest.Ask(MessageType.Write, $"d{i / 100}/{i}\0")).Error;
        error.Should().Be("ENOSPC");
        CountBelow("/local/domain/5").Should().Be(1000);
        await guest.Fail("ENOSPC", MessageType.MakeDirectory, "d0/one-more\0");
        await _store.Socket().Succeed(MessageType.Debug, "check\0");
    }

    [Fact]
    public async Task The_node_quota_counts_parents_made_on_the_way_and_gives_back_what_is_removed()
    {
        await using var store = new Store(new XenstoreQuotas { Nodes = 5 });
        var guest = store.Domain(5);
        await guest.Fail("ENOSPC", MessageType.Write, "a/b/c/d/e\0");
        await guest.Fail("ENOENT", MessageType.Read, "a\0");
        await guest.Write("a/b/c/d", "");
        await guest.Fail("ENOSPC", MessageType.MakeDirectory, "x\0");
        await guest.Write("a/b", "an existing node may still be written");
        await guest.Succeed(MessageType.Remove, "a/b/c\0");
        await guest.Write("x/y", "");
        await guest.Fail("ENOSPC", MessageType.MakeDirectory, "z\0");
    }

    [Fact]
    public async Task Nodes_given_to_a_guest_count_and_dom0_is_not_bound()
    {
        await using var store = new Store(new XenstoreQuotas { Nodes = 2, NodeBytes = 10, Watches = 1, Transactions = 1 });
        var guest = store.Domain(5);
        for (int i = 0; i < 20; i++)
            store.Host.Write($"/local/domain/5/device/{i}", new string('v', 100));
        await guest.Fail("ENOSPC", MessageType.Write, "data\0");
        var dom0 = store.Socket();
        for (int i = 0; i < 5; i++)
        {
            await dom0.Write($"/x/{i}", new string('v', 100));
            await dom0.Watch($"/x/{i}", "t");
            await dom0.Start();
        }
    }

    [Fact]
    public async Task A_guests_node_holds_at_most_2048_bytes()
    {
        var guest = _store.Domain(5);
        await guest.Write("data", new string('v', 2048));
        await guest.Fail("ENOSPC", MessageType.Write, "data\0" + new string('w', 2049));
        await guest.Fail("ENOSPC", MessageType.Write, "other\0" + new string('w', 2049));
        (await guest.Read("data")).Should().Be(new string('v', 2048));
        await guest.Fail("ENOSPC", MessageType.Write, "data/child\0");
        await guest.Fail("ENOSPC", MessageType.SetPermissions, "data\0n5\0r6\0");
    }

    [Fact]
    public async Task A_guest_holds_at_most_128_watches()
    {
        var guest = _store.Domain(5);
        for (int i = 0; i < 128; i++)
            await guest.Watch("data", $"t{i}");
        await guest.Fail("E2BIG", MessageType.Watch, "data\0more\0");
        await guest.Succeed(MessageType.Unwatch, "data\0t0\0");
        await guest.Watch("data", "more");
    }

    [Fact]
    public async Task A_guest_has_at_most_10_transactions()
    {
        var guest = _store.Domain(5);
        var open = new List<uint>();
        for (int i = 0; i < 10; i++)
            open.Add(await guest.Start());
        open.Should().OnlyHaveUniqueItems().And.NotContain(0u);
        await guest.Fail("ENOSPC", MessageType.TransactionStart, "\0");
        await guest.Succeed(MessageType.TransactionEnd, "F\0", open[3]);
        await guest.Start();
    }

    [Fact]
    public async Task A_guests_transaction_remembers_only_so_much()
    {
        await using var store = new Store(new XenstoreQuotas { TransactionPaths = 20 });
        var guest = store.Domain(5);
        uint transaction = await guest.Start();
        string error = "";
        int reads = 0;
        while (error != "ENOSPC" && reads < 100)
        {
            error = (await guest.Ask(MessageType.Read, $"none{reads}\0", transaction)).Error;
            reads++;
        }

        reads.Should().BeInRange(10, 25);
    }

    [Fact]
    public async Task Transactions_do_not_get_around_the_node_quota()
    {
        await using var store = new Store(new XenstoreQuotas { Nodes = 5 });
        var guest = store.Domain(5);
        uint one = await guest.Start();
        uint two = await guest.Start();
        await guest.Write("a/x", "", one);
        await guest.Write("a/y", "", one);
        await guest.Write("b/x", "", two);
        await guest.Write("b/y", "", two);
        await guest.Fail("ENOSPC", MessageType.Write, "b/z/z\0", two);
        await guest.Commit(one);
        await guest.Fail("ENOSPC", MessageType.TransactionEnd, "T\0", two);
        await guest.Fail("ENOENT", MessageType.Read, "b/x\0");
        await guest.Fail("ENOENT", MessageType.TransactionEnd, "T\0", two);
    }

    [Fact]
    public async Task One_guests_quota_is_not_anothers()
    {
        await using var store = new Store(new XenstoreQuotas { Nodes = 2 });
        await store.Domain(5).Write("a", "");
        await store.Domain(6).Write("a", "");
        await store.Domain(5).Fail("ENOSPC", MessageType.Write, "b\0");
        await store.Domain(6).Fail("ENOSPC", MessageType.Write, "b\0");
        store.Host.SetPermissions("/local/domain/6/a", NodePermissions.Parse("n0"));
        await store.Domain(6).Write("b", "");
    }

    private int CountBelow(string path) => 1 + _store.Host.List(path).Sum(name => CountBelow($"{path}/{name}"));
}
