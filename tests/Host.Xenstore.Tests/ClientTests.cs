using System.Text;
using System.Threading.Channels;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests;

/// <summary>The Host's own way in.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private XenstoreClient _host = null!;

    public Task InitializeAsync()
    {
        _host = _store.Host;
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public void Nodes_can_be_written_read_listed_and_removed()
    {
        _host.Write("/vm/1/name", "d\u00e9mo");
        _host.Read("/vm/1/name").Should().Be("d\u00e9mo");
        _host.ReadBytes("/vm/1/name").Should().Equal(Encoding.UTF8.GetBytes("d\u00e9mo"));
        _host.MakeDirectory("/vm/1/device");
        _host.List("/vm/1").Should().Equal("name", "device");
        _host.Exists("/vm/1/device").Should().BeTrue();
        _host.Remove("/vm/1");
        _host.Exists("/vm/1").Should().BeFalse();
        _host.Remove("/vm/1");
        _host.Remove("/not/there/at/all");
        _host.Read("/vm/1/name").Should().BeNull();
        _host.List("/vm/1").Should().BeEmpty();
        _host.GetPermissions("/vm/1").Should().BeNull();
    }

    [Fact]
    public void What_is_returned_is_the_callers_own()
    {
        byte[] value = [1, 2, 3];
        _host.Write("/v", value);
        value[0] = 9;
        _host.ReadBytes("/v")![1] = 9;
        _host.ReadBytes("/v").Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("")]
    [InlineData("/a//b")]
    [InlineData("/sp ace")]
    [InlineData("@releaseDomain")]
    public void A_bad_path_is_named_with_what_was_tried(string path)
    {
        var write = () => _host.Write(path, "v");
        var thrown = write.Should().Throw<XenstoreException>().Which;
        thrown.Error.Should().Be(XenstoreError.EINVAL);
        thrown.Path.Should().Be(path);
        thrown.Message.Should().Be($"xenstore: cannot write {path}: EINVAL");
    }

    [Fact]
    public void Refusals_are_exceptions_with_the_protocols_name()
    {
        _host.Invoking(static h => h.SetPermissions("/none", NodePermissions.Parse("n0"))).Should().Throw<XenstoreException>().Which.Error.Should().Be(XenstoreError.ENOENT);
        _host.Invoking(static h => h.ReadRequired("/none")).Should().Throw<XenstoreException>().Which.Error.Should().Be(XenstoreError.ENOENT);
        _host.Invoking(static h => h.Write("/big", new byte[4097])).Should().Throw<XenstoreException>().Which.Error.Should().Be(XenstoreError.E2BIG);
        _host.Invoking(static h => h.Remove("/")).Should().Throw<XenstoreException>().Which.Error.Should().Be(XenstoreError.EINVAL);
        _host.Invoking(static h => h.Watch("no", static _ => { })).Should().Throw<XenstoreException>().Which.Error.Should().Be(XenstoreError.EINVAL);
    }

    [Fact]
    public void Permissions_are_set_and_read()
    {
        _host.Write("/a", "");
        _host.SetPermissions("/a", NodePermissions.Of(new(AccessRights.Read, new DomainId(0)), new(AccessRights.ReadWrite, new DomainId(7))));
        _host.GetPermissions("/a")!.ToString().Should().Be("r0,b7");
        _host.GetPermissions("/a")!.Owner.Should().Be(DomainId.Zero);
        ((Action)(static () => NodePermissions.Parse("q1"))).Should().Throw<FormatException>().WithMessage("*'q1'*");
        ((Action)(static () => NodePermissions.Of())).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_transaction_is_all_or_nothing()
    {
        _host.Atomically(static t =>
        {
            t.Write("/a", "1");
            t.Write("/b/c", "2");
            t.SetPermissions("/b/c", NodePermissions.Parse("r0"));
        });
        _host.Read("/b/c").Should().Be("2");
        _host.GetPermissions("/b/c")!.ToString().Should().Be("r0");

        _host.Invoking(static h => h.Atomically(static t =>
        {
            t.Write("/a", "changed");
            t.Write("bad", "");
        })).Should().Throw<XenstoreException>();
        _host.Read("/a").Should().Be("1");
    }

    [Fact]
    public async Task Counting_in_transactions_from_many_threads_loses_nothing()
    {
        _host.Write("/count", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 200; i++)
                _host.Atomically(static t => t.Write("/count", $"{int.Parse(t.ReadRequired("/count")) + 1}"));
        })));
        _host.Read("/count").Should().Be("1600");
    }

    [Fact]
    public void A_transaction_that_others_keep_spoiling_gets_its_way_in_the_end()
    {
        _host.Write("/a", "0");
        int runs = 0;
        _host.Atomically(t =>
        {
            runs++;
            string seen = t.ReadRequired("/a");

            // Another client, on a thread of its own, changes what was read. When the transaction has the store for itself, that client must wait.
            var spoiler = new Thread(() => _host.Write("/a", $"{seen}!"));
            spoiler.Start();
            if (runs <= 8)
                spoiler.Join();
            t.Write("/b", "done");
        });
        runs.Should().Be(9);
        _host.Read("/b").Should().Be("done");
    }

    [Fact]
    public async Task A_watch_calls_at_once_then_for_each_change_and_stops_when_disposed()
    {
        var calls = Channel.CreateUnbounded<string>();
        async Task<string> Next() => await calls.Reader.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);

        var watch = _host.Watch("/w", path => calls.Writer.TryWrite(path));
        (await Next()).Should().Be("/w");
        _host.Write("/w/a", "1");
        (await Next()).Should().Be("/w/a");
        await _store.Socket().Write("/w/b", "2");
        (await Next()).Should().Be("/w/b");

        watch.Dispose();
        _host.Write("/w/c", "3");
        using var after = _host.Watch("/w/c", path => calls.Writer.TryWrite($"after {path}"));
        (await Next()).Should().Be("after /w/c");
        calls.Reader.TryRead(out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_callback_may_use_the_store_and_one_that_throws_is_called_again()
    {
        var done = new TaskCompletionSource();
        int calls = 0;
        using var watch = _host.Watch("/w", path =>
        {
            if (calls++ == 0)
                throw new InvalidOperationException("a fault of the callback's own");
            _host.Write("/answer", _host.Read("/w") ?? "");
            done.TrySetResult();
        });
        var wait = done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        while (!wait.IsCompleted)
        {
            _host.Write("/w", "question");
            await Task.Yield();
        }

        await wait;
        _host.Read("/answer").Should().Be("question");
    }

    [Fact]
    public async Task Special_watches_call_back_too()
    {
        var calls = Channel.CreateUnbounded<string>();
        using var watch = _host.Watch("@releaseDomain", path => calls.Writer.TryWrite(path));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        (await calls.Reader.ReadAsync(patience.Token)).Should().Be("@releaseDomain");
        _store.Server.IntroduceDomain(new DomainId(3));
        _store.Server.ReleaseDomain(new DomainId(3));
        (await calls.Reader.ReadAsync(patience.Token)).Should().Be("@releaseDomain");
    }
}
