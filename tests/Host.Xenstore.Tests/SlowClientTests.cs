using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class SlowClientTests
{
    private static readonly XenstoreQuotas Small = new() { PendingEvents = 100, PendingReplyBytes = 4096 };

    [Fact]
    public async Task A_socket_client_that_does_not_read_its_events_is_closed_and_others_do_not_wait()
    {
        await using var store = new Store(Small);
        var slow = store.Socket();
        await slow.Watch("/w", "t");
        for (int i = 0; i < 20_000; i++)
            store.Host.Write($"/w/{i}", "");

        // What the kernel had taken is still there; after it comes the end.
        int events = 0;
        while (await slow.Receive() is not null)
            events++;
        events.Should().BeLessThan(20_000);
        await store.Socket().Write("/alive", "yes");
    }

    [Fact]
    public async Task A_domain_that_does_not_read_gets_its_events_summed_up()
    {
        await using var store = new Store(Small);
        var slow = store.Domain(5);
        await slow.Watch("data", "a");
        await slow.Watch("other", "b");
        for (int i = 0; i < 20_000; i++)
            store.Host.Write($"/local/domain/5/data/{i}", "");
        store.Host.Write("/local/domain/5/other", "");
        var events = await slow.EventsSoFar();
        events.Length.Should().BeLessThan(20_000);
        events.Should().Contain("data a", "that means: look again at all of it").And.Contain("other b");
        await slow.Write("other", "still");
    }

    [Fact]
    public async Task A_client_that_only_asks_is_not_read_further_until_it_takes_its_answers()
    {
        await using var store = new Store(Small);
        store.Host.Write("/v", new string('v', 4000));
        var slow = store.Socket();
        byte[] read = WireClient.Encode(MessageType.Read, "/v\0");
        const int Requests = 5000;
        var sending = Task.Run(async () =>
        {
            for (int i = 0; i < Requests; i++)
                await slow.Send(read);
        });
        await store.Socket().Write("/alive", "meanwhile");
        for (int i = 0; i < Requests; i++)
            (await slow.Receive())!.Payload.Length.Should().Be(4000);
        await sending;
    }

    [Fact]
    public void Replies_beyond_the_limit_leave_no_room_until_some_are_taken()
    {
        var outbox = new Sessions.Outbox(Small, Sessions.OverflowPolicy.Disconnect);
        var header = new MessageHeader(MessageType.Read, 1, 0, 0);
        outbox.WaitForRoomAsync().IsCompleted.Should().BeTrue();
        outbox.Reply(header, Reply.Of(new byte[4096]));
        var room = outbox.WaitForRoomAsync();
        room.IsCompleted.Should().BeFalse();
        outbox.TakeBatch(new()).Should().BeTrue();
        room.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task A_callback_that_is_slow_gets_its_calls_summed_up_and_blocks_nobody()
    {
        await using var store = new Store(Small);
        using var go = new ManualResetEventSlim();
        var summedUp = new TaskCompletionSource();
        var seen = new List<string>();
        using var watch = store.Host.Watch("/w", path =>
        {
            go.Wait();
            lock (seen)
                seen.Add(path);
            if (path == "/w" && seen.Count > 1)
                summedUp.TrySetResult();
        });
        for (int i = 0; i < 20_000; i++)
            store.Host.Write($"/w/{i}", "");
        go.Set();
        await summedUp.Task.WaitAsync(TimeSpan.FromSeconds(20));
        lock (seen)
            seen.Count.Should().BeLessThan(1000);
    }
}
