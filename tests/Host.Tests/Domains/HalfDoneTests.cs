using System.Text.Json.Nodes;
using Hospes.Host.State;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

/// <summary>The daemon is killed at every place of a creation, an attach, a detach and a removal: the next one leaves nothing half done.</summary>
public sealed class HalfDoneTests : IAsyncLifetime
{
    private readonly Appliance _appliance = Appliance.Unstarted();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_creation_is_whole_or_leaves_nothing()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        string form = Appliance.Form("new", kernel, $"(device (vbd (uname 'file:{Disk("a")}') (dev xvda) (mode w)))");
        int places = await EachPlaceAsync(FaultPoints.Create, () => _appliance.CreateAsync(form), async () =>
        {
            // The last place lies behind the point from which on the domain is there.
            if (await _appliance.StateAsync("new") is { } state)
            {
                state.Should().Be("--p---");
                await _appliance.PostAsync("v1/domains/new/destroy");
            }

            ShouldHaveNoDomain();
        });
        places.Should().BeGreaterThan(7);
    }

    [Fact]
    public async Task A_removal_is_finished()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        int places = await EachPlaceAsync(
            FaultPoints.Destroy,
            () => _appliance.PostAsync("v1/domains/old/destroy"),
            () =>
            {
                ShouldHaveNoDomain();
                return Task.CompletedTask;
            },
            () => _appliance.CreateAsync(Appliance.Form("old", kernel, $"(device (vbd (uname 'file:{Disk("a")}') (dev xvda) (mode w)))")));
        places.Should().BeGreaterThan(3);
    }

    [Fact]
    public async Task A_restart_is_done_once_and_whole()
    {
        string kernel = _appliance.Kernel("k", "W"u8);
        JsonNode? first = null;
        string name = "";
        int count = 0;
        int places = await EachPlaceAsync(
            FaultPoints.Destroy,
            async () =>
            {
                // That its process ends is what a guest's crash looks like from outside.
                _appliance.EndProcess((int)first!["domid"]!);
                await _appliance.WaitForCountAsync(name, 1);
            },
            async () =>
            {
                await _appliance.WaitForCountAsync(name, 1);
                _appliance.ShouldHaveNothingOf((int)first!["domid"]!);
                _appliance.Store.Read($"/vm/{first["uuid"]}/name").Should().Be(name);
            },
            async () =>
            {
                name = $"again{++count}";
                first = await _appliance.CreateAsync(Appliance.Form(name, kernel, "(on_crash restart)"));
            });
        places.Should().BeGreaterThan(3);
    }

    [Fact]
    public async Task A_device_is_attached_or_not_there()
    {
        await _appliance.StartDaemonAsync();
        await _appliance.CreateAsync(Appliance.Form("host", _appliance.Kernel("k", "W"u8)));
        string form = $"(vbd (uname 'file:{Disk("b")}') (dev xvdb) (mode w))";
        await EachPlaceAsync(FaultPoints.Attach, () => _appliance.PostTextAsync("v1/domains/host/device-attach", form), async () =>
        {
            if ((await _appliance.GetAsync("v1/domains/host/devices/vbd")).AsArray().Count != 0)
                await _appliance.PostAsync("v1/domains/host/device-detach", new { @class = "vbd", device = "xvdb", force = 1 });
            ShouldHaveNoDisk();
        });
        (await _appliance.StateAsync("host")).Should().Be("--p---");

        // Nobody holds the image: it can be had again.
        await _appliance.StopDaemonAsync();
        await _appliance.StartDaemonAsync();
        await _appliance.PostTextAsync("v1/domains/host/device-attach", form);
        (await _appliance.GetAsync("v1/domains/host/devices/vbd")).AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task A_device_that_goes_is_gone()
    {
        await _appliance.StartDaemonAsync();
        await _appliance.CreateAsync(Appliance.Form("host", _appliance.Kernel("k", "W"u8)));
        string form = $"(vbd (uname 'file:{Disk("b")}') (dev xvdb) (mode w))";
        await EachPlaceAsync(
            FaultPoints.Detach,
            () => _appliance.PostAsync("v1/domains/host/device-detach", new { @class = "vbd", device = "xvdb", force = 1 }),
            () =>
            {
                ShouldHaveNoDisk();
                return Task.CompletedTask;
            },
            () => _appliance.PostTextAsync("v1/domains/host/device-attach", form));
    }

    /// <summary>
    /// Has the daemon killed at the first place, the second and so on, and looks each time at what the next one makes of it; answers how many there are.
    /// That next one is to be killed at the next place, so the look is to do nothing of that kind.
    /// </summary>
    private async Task<int> EachPlaceAsync(string kind, Func<Task> work, Func<Task> check, Func<Task>? prepare = null)
    {
        for (int place = 1; ; place++)
        {
            if (_appliance.IsRunning)
                await _appliance.StopDaemonAsync();
            await _appliance.StartDaemonAsync($"{kind}:{place}");
            if (place > 1)
                await check();
            if (prepare is not null)
                await prepare();
            try
            {
                await work();
            }
            catch (HttpRequestException)
            {
                await _appliance.Daemon.Exited.WaitAsync(TimeSpan.FromSeconds(30));
                continue;
            }

            await check();
            return place - 1;
        }
    }

    private string Disk(string name)
    {
        string path = _appliance.Temporary(name);
        if (!File.Exists(path))
            File.WriteAllBytes(path, new byte[1 << 20]);
        return path;
    }

    private void ShouldHaveNoDomain()
    {
        Directory.EnumerateFileSystemEntries(_appliance.Paths.Domains).Should().BeEmpty();
        _appliance.Store.List("/local/domain").Should().Equal("0");
        _appliance.Store.List("/vm").Should().ContainSingle("only dom0's is left");
        ShouldHaveNoDisk();
        _appliance.Processes().Should().ContainSingle("only the daemon is left");
    }

    private void ShouldHaveNoDisk() => _appliance.Store.List("/local/domain/0/backend/vbd").Should().BeEmpty();
}
