using System.Text;
using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_bytes_from_domains_and_sockets_harm_nobody(int seed)
    {
        await using var store = new Store();
        var random = new Random(seed);
        store.Host.Write("/precious", "untouched");
        var neighbour = store.Domain(1);
        await neighbour.Write("data", "mine");
        for (int round = 0; round < 60; round++)
        {
            var attacker = round % 2 == 0 ? store.Domain(9) : store.Socket("socket_ro");
            byte[] noise = new byte[random.Next(1, 6000)];
            random.NextBytes(noise);
            await SendIgnoringClose(attacker, noise);
            attacker.Dispose();
        }

        await neighbour.Write("data", "still");
        (await store.Socket().Read("/precious")).Should().Be("untouched");
        await store.Socket().Succeed(MessageType.Debug, "check\0");
    }

    // Well-framed messages with odd contents reach every handler; random bytes mostly don't get past the header.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Every_well_framed_message_gets_exactly_one_answer(int seed)
    {
        await using var store = new Store(new XenstoreQuotas { Nodes = 50 });
        var random = new Random(seed);
        store.Host.Write("/precious", "untouched");
        store.Server.IntroduceDomain(new(9));
        var guest = store.Domain(9);
        string[] pieces =
        [
            "a", "a/b", "a/b/c", "/local/domain/9/x", "/precious", "/", "//", "@releaseDomain", "@x", "", "0", "1", "9", "65536", "-1", "T", "F",
            "n9", "r9", "b3", "token", "\u00ff\u0001", new string('x', 2100), new string('/', 30), "check", "999999999999999999999",
        ];
        for (int i = 0; i < 3000; i++)
        {
            var payload = new StringBuilder();
            for (int n = random.Next(0, 5); n > 0 && payload.Length < 1900; n--)
                payload.Append(pieces[random.Next(pieces.Length)]).Append(random.Next(5) == 0 ? "" : "\0");
            var type = (MessageType)random.Next(0, 25);
            await guest.Ask(type, payload.ToString(), (uint)random.Next(0, 4) * (uint)random.Next(0, 2));
            if (i % 500 == 0)
                await guest.EventsSoFar();
        }

        store.Host.Read("/precious").Should().Be("untouched");
        await store.Socket().Succeed(MessageType.Debug, "check\0");
    }

    private static async Task SendIgnoringClose(WireClient client, byte[] bytes)
    {
        try
        {
            await client.Send(bytes);
        }
        catch (IOException)
        {
            // The server has heard enough.
        }
    }
}
