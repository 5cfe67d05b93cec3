using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Tests;

/// <summary>Debian's xenstore-utils, unmodified, against this server.</summary>
public sealed class DebianToolsTests : IAsyncLifetime
{
    private readonly Store _store = new();

    public Task InitializeAsync()
    {
        _store.Server.Start(_store.Directory.FullName);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [SkippableFact]
    public async Task Write_read_exists_and_rm()
    {
        (await Run("xenstore-write", "/demo/name", "hello world", "/demo/other", "x")).Exit.Should().Be(0);
        (await Run("xenstore-read", "/demo/name")).Output.Should().Be("hello world\n");
        (await Run("xenstore-read", "-s", "/demo/name")).Output.Should().Be("hello world\n");
        (await Run("xenstore-read", "-p", "/demo/name", "/demo/other")).Output.Should().Be("/demo/name: hello world\n/demo/other: x\n");
        (await Run("xenstore-exists", "/demo/name")).Exit.Should().Be(0);
        (await Run("xenstore-exists", "/demo/none")).Exit.Should().Be(1);
        var missing = await Run("xenstore-read", "/demo/none");
        missing.Exit.Should().Be(1);
        missing.Error.Should().Contain("couldn't read path /demo/none");
        (await Run("xenstore-rm", "/demo/name")).Exit.Should().Be(0);
        _store.Host.List("/demo").Should().Equal("other");
        (await Run("xenstore-rm", "-t", "/demo/other")).Exit.Should().Be(0);
        _store.Host.Exists("/demo").Should().BeFalse();
        (await Run("xenstore-rm", "/no/such/place")).Exit.Should().NotBe(0);
    }

    [SkippableFact]
    public async Task Ls_shows_the_tree()
    {
        _store.Host.Write("/local/domain/0/name", "Domain-0");
        _store.Host.Write("/local/domain/0/domid", "0");
        _store.Host.SetPermissions("/local/domain/0/domid", NodePermissions.Parse("r0,b5"));
        (await Run("xenstore-ls")).Output.Should().Be(
            """
            tool = ""
             xenstored = ""
            local = ""
             domain = ""
              0 = ""
               name = "Domain-0"
               domid = "0"

            """);
        (await Run("xenstore-ls", "-f", "/local")).Output.Should().Be(
            """
            /local/domain = ""
            /local/domain/0 = ""
            /local/domain/0/name = "Domain-0"
            /local/domain/0/domid = "0"

            """);
        (await Run("xenstore-ls", "-p", "/local/domain/0")).Output.Should().MatchRegex(@"domid = ""0""[ .]+\(r0,b5\)");
        (await Run("xenstore-ls", "/none")).Exit.Should().NotBe(0);
    }

    [SkippableFact]
    public async Task List_gives_children_however_many()
    {
        var names = Enumerable.Range(0, 2000).Select(static i => $"child-number-{i}").ToArray();
        _store.Host.Atomically(t => Array.ForEach(names, name => t.Write($"/many/{name}", "")));
        (await Run("xenstore-list", "/many")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(names);
        (await Run("xenstore-list", "-p", "/tool")).Output.Should().Be("/tool/xenstored\n");
    }

    [SkippableFact]
    public async Task Chmod_sets_permissions()
    {
        _store.Host.Write("/c/d/e", "");
        (await Run("xenstore-chmod", "/c/d", "n0", "r5")).Exit.Should().Be(0);
        _store.Host.GetPermissions("/c/d")!.ToString().Should().Be("n0,r5");
        (await Run("xenstore-chmod", "-r", "/c", "b0", "w7")).Exit.Should().Be(0);
        _store.Host.GetPermissions("/c/d/e")!.ToString().Should().Be("b0,w7");
        (await Run("xenstore-chmod", "/c/d", "x5")).Exit.Should().NotBe(0);
    }

    [SkippableFact]
    public async Task Watch_prints_the_changed_paths()
    {
        Skip.If(Tool.Find("xenstore-watch") is null, "xenstore-watch is not installed (Debian package xenstore-utils)");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var watching = Tool.Start(_store, "xenstore-watch", "-n", "4", "/w");
        try
        {
            async Task<string?> Line() => await watching.StandardOutput.ReadLineAsync(patience.Token);

            (await Line()).Should().Be("/w");
            (await Run("xenstore-write", "/w/a", "1")).Exit.Should().Be(0);
            (await Line()).Should().Be("/w/a");
            _store.Host.Write("/w/b", "2");
            (await Line()).Should().Be("/w/b");
            (await Run("xenstore-rm", "/w")).Exit.Should().Be(0);
            (await Line()).Should().Be("/w");
            await watching.WaitForExitAsync(patience.Token);
            watching.ExitCode.Should().Be(0);
        }
        finally
        {
            if (!watching.HasExited)
                watching.Kill();
        }
    }

    [SkippableFact]
    public async Task A_conflict_makes_the_tool_try_again_until_it_succeeds()
    {
        Skip.If(Tool.Find("xenstore-write") is null, "xenstore-write is not installed (Debian package xenstore-utils)");
        using var stop = new CancellationTokenSource();
        var noise = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                _store.Host.Write("/busy", $"{i}");
        });
        for (int i = 0; i < 5; i++)
            (await Run("xenstore-write", "/busy/child", $"{i}")).Exit.Should().Be(0);
        await stop.CancelAsync();
        await noise;
        _store.Host.Read("/busy/child").Should().Be("4");
    }

    private Task<(int Exit, string Output, string Error)> Run(string tool, params string[] arguments)
    {
        Skip.If(Tool.Find(tool) is null, $"{tool} is not installed (Debian package xenstore-utils)");
        return Tool.Run(_store, tool, arguments);
    }
}
