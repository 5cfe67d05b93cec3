using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class NodeTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private WireClient _client = null!;

    public Task InitializeAsync()
    {
        _client = _store.Socket();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task A_written_value_is_read_back()
    {
        await _client.Write("/a/b", "hello");
        (await _client.Read("/a/b")).Should().Be("hello");
        await _client.Write("/a/b", "");
        (await _client.Read("/a/b")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_value_may_hold_any_bytes()
    {
        string every = new([.. Enumerable.Range(0, 256).Select(static i => (char)i)]);
        await _client.Write("/bytes", every);
        (await _client.Read("/bytes")).Should().Be(every);
    }

    [Fact]
    public async Task Writing_makes_missing_parents_with_empty_values()
    {
        await _client.Write("/x/y/z", "deep");
        (await _client.Read("/x")).Should().BeEmpty();
        (await _client.Read("/x/y")).Should().BeEmpty();
    }

    [Fact]
    public async Task Reading_what_is_not_there_is_ENOENT()
    {
        await _client.Fail("ENOENT", MessageType.Read, "/none\0");
        await _client.Fail("ENOENT", MessageType.Directory, "/none\0");
        await _client.Fail("ENOENT", MessageType.GetPermissions, "/none\0");
        await _client.Fail("ENOENT", MessageType.SetPermissions, "/none\0r0\0");
        await _client.Fail("ENOENT", MessageType.DirectoryPart, "/none\00\0");
    }

    [Fact]
    public async Task Children_are_listed_in_the_order_they_were_made()
    {
        foreach (string name in new[] { "2", "10", "1" })
            await _client.Write($"/device/{name}", "");
        (await _client.Ask(MessageType.Directory, "/device\0")).Texts.Should().Equal("2", "10", "1");
        await _client.Succeed(MessageType.Remove, "/device/2\0");
        await _client.Write("/device/2", "again");
        (await _client.Ask(MessageType.Directory, "/device\0")).Texts.Should().Equal("10", "1", "2");
        (await _client.Ask(MessageType.Directory, "/device/1\0")).Payload.Should().BeEmpty();
    }

    [Fact]
    public async Task A_new_store_holds_its_tool_directory()
    {
        (await _client.Ask(MessageType.Directory, "/\0")).Texts.Should().Equal("tool");
        (await _client.Ask(MessageType.Directory, "/tool\0")).Texts.Should().Equal("xenstored");
    }

    [Fact]
    public async Task Mkdir_makes_an_empty_node_and_leaves_an_existing_one_alone()
    {
        await _client.Succeed(MessageType.MakeDirectory, "/m/n\0");
        (await _client.Read("/m/n")).Should().BeEmpty();
        await _client.Write("/m", "kept");
        await _client.Succeed(MessageType.MakeDirectory, "/m\0");
        (await _client.Read("/m")).Should().Be("kept");
    }

    [Fact]
    public async Task Removing_takes_everything_below()
    {
        await _client.Write("/r/a/b", "1");
        await _client.Write("/r/c", "2");
        await _client.Succeed(MessageType.Remove, "/r\0");
        await _client.Fail("ENOENT", MessageType.Read, "/r/a/b\0");
        await _client.Fail("ENOENT", MessageType.Read, "/r\0");
    }

    [Fact]
    public async Task Removing_what_is_not_there_succeeds_if_its_parent_is()
    {
        await _client.Write("/p", "");
        await _client.Succeed(MessageType.Remove, "/p/none\0");
        await _client.Fail("ENOENT", MessageType.Remove, "/q/none\0");
        await _client.Fail("EINVAL", MessageType.Remove, "/\0");
    }

    [Theory]
    [InlineData("")]
    [InlineData("//")]
    [InlineData("/a//b")]
    [InlineData("/a/")]
    [InlineData("/a b")]
    [InlineData("/a.b")]
    [InlineData("/\u00e9")]
    [InlineData("/a\n")]
    [InlineData("/a:b")]
    [InlineData("@releaseDomain")]
    [InlineData("@nothing")]
    public async Task A_path_that_cannot_be_is_EINVAL(string path)
    {
        await _client.Fail("EINVAL", MessageType.Read, path + "\0");
        await _client.Fail("EINVAL", MessageType.Write, path + "\0value");
        await _client.Fail("EINVAL", MessageType.MakeDirectory, path + "\0");
        await _client.Fail("EINVAL", MessageType.Remove, path + "\0");
        await _client.Fail("EINVAL", MessageType.Directory, path + "\0");
    }

    [Theory]
    [InlineData("/AZaz09-_@")]
    [InlineData("/@releaseDomain")]
    [InlineData("/a/b-c/d_e/f@g")]
    public async Task Every_permitted_character_works(string path)
    {
        await _client.Write(path, "v");
        (await _client.Read(path)).Should().Be("v");
    }

    [Fact]
    public async Task Paths_have_a_longest_length()
    {
        string longest = "/" + new string('a', 3071);
        await _client.Write(longest, "v");
        await _client.Fail("EINVAL", MessageType.Write, longest + "a\0v");
        var guest = _store.Domain(1);
        await _client.Fail("EINVAL", MessageType.Read, new string('b', 2049) + "\0");
        await guest.Fail("ENOENT", MessageType.Read, new string('b', 2048) + "\0");
        await guest.Fail("EINVAL", MessageType.Read, new string('b', 2049) + "\0");
    }

    [Fact]
    public async Task The_deepest_possible_path_works()
    {
        string path = string.Concat(Enumerable.Repeat("/d", 1536));
        await _client.Write(path, "bottom");
        (await _client.Read(path)).Should().Be("bottom");
        await _client.Succeed(MessageType.Debug, "check\0");
        uint transaction = await _client.Start();
        await _client.Write(path, "changed", transaction);
        await _client.Write("/elsewhere", "1");
        await _client.Commit(transaction);
        (await _client.Read(path)).Should().Be("changed");
        await _client.Succeed(MessageType.Remove, "/d\0");
        await _client.Succeed(MessageType.Debug, "check\0");
    }

    [Fact]
    public async Task A_request_without_its_NULs_is_EINVAL()
    {
        foreach (var type in new[]
        {
            MessageType.Read, MessageType.Directory, MessageType.DirectoryPart, MessageType.GetPermissions, MessageType.SetPermissions,
            MessageType.Write, MessageType.MakeDirectory, MessageType.Remove, MessageType.Watch, MessageType.Unwatch, MessageType.TransactionEnd,
            MessageType.Introduce, MessageType.Release, MessageType.Resume, MessageType.SetTarget, MessageType.IsDomainIntroduced,
            MessageType.GetDomainPath, MessageType.Debug,
        })
        {
            await _client.Fail("EINVAL", type, "");
            await _client.Fail("EINVAL", type, "/tool");
        }
    }

    [Fact]
    public async Task A_list_too_long_for_a_message_is_E2BIG_and_comes_in_parts()
    {
        var names = Enumerable.Range(0, 300).Select(static i => $"a-rather-long-name-{i}").ToArray();
        foreach (string name in names)
            _store.Host.Write($"/long/{name}", "");
        await _client.Fail("E2BIG", MessageType.Directory, "/long\0");

        var found = new List<string>();
        string? generation = null;
        for (int offset = 0; ;)
        {
            var part = await _client.Ask(MessageType.DirectoryPart, $"/long\0{offset}\0");
            part.Payload.Length.Should().BeLessThanOrEqualTo(4096);
            generation ??= part.Texts[0];
            part.Texts[0].Should().Be(generation);
            found.AddRange(part.Texts[1..].Where(static t => t.Length > 0));
            offset += part.Payload.Length - generation.Length - 1;
            if (part.Texts[^1].Length == 0)
                break;
        }

        found.Should().Equal(names);
        _store.Host.Write("/long/one-more", "");
        (await _client.Ask(MessageType.DirectoryPart, "/long\00\0")).Texts[0].Should().NotBe(generation);
        (await _client.Ask(MessageType.DirectoryPart, "/tool/xenstored\00\0")).Texts[1..].Should().Equal("");
        await _client.Fail("EINVAL", MessageType.DirectoryPart, "/long\0x\0");
        await _client.Fail("EINVAL", MessageType.DirectoryPart, "/long\0");
    }

    [Fact]
    public async Task Relative_paths_start_at_the_callers_home()
    {
        var guest = _store.Domain(7);
        await guest.Write("data/x", "mine");
        (await _client.Read("/local/domain/7/data/x")).Should().Be("mine");
        (await guest.Read("/local/domain/7/data/x")).Should().Be("mine");
        (await guest.Ask(MessageType.Directory, "data\0")).Texts.Should().Equal("x");
    }
}
