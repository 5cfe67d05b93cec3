using System.Text.Json.Nodes;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Startup;

public sealed class DaemonTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Appliance _appliance = null!;

    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync();

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_second_daemon_on_the_same_root_is_refused_with_the_firsts_number()
    {
        (string status, string output) = await RunAsync("daemon", "--root", _appliance.Paths.Root, "--plugins", _appliance.PluginsFile);
        status.Should().Be("exited with status 1");
        output.Should().Contain($"already running on the root {_appliance.Paths.Root} as process {_appliance.Daemon.Id}");
        (await _appliance.GetAsync("v1/status"))["pid"]!.GetValue<int>().Should().Be(_appliance.Daemon.Id, "the first is unharmed");
    }

    [Theory]
    [InlineData(Libc.SignalTerminate)]
    [InlineData(Libc.SignalKill)]
    public async Task Domains_run_on_when_the_daemon_ends_however_it_does(int signal)
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("survivor", _appliance.Kernel("survivor", "L"u8)));
        await _appliance.PostAsync("v1/domains/survivor/unpause");
        await _appliance.WaitForStateAsync("survivor", "r-----");
        int pid = _appliance.ProcessOf((int)info["domid"]!);
        await _appliance.StopDaemonAsync(signal);
        long before = CpuTicks(pid);
        await Eventually.True(() => CpuTicks(pid) > before + 5, "the guest goes on using CPU time without a daemon");
        LeftDomain.FindProcess(_appliance.Paths.Domain((ushort)(int)info["domid"]!)).Should().Be(pid);

        await _appliance.StartDaemonAsync();
        JsonNode after = await _appliance.GetAsync("v1/domains/survivor");
        ((int)after["domid"]!).Should().Be((int)info["domid"]!);
        ((string)after["uuid"]!).Should().Be((string)info["uuid"]!);
        await _appliance.WaitForStateAsync("survivor", "r-----");
        _appliance.ProcessOf((int)info["domid"]!).Should().Be(pid);
        JsonNode next = await _appliance.CreateAsync(Appliance.Form("next", _appliance.Kernel("next", "W"u8)));
        ((int)next["domid"]!).Should().Be((int)info["domid"]! + 1, "numbers of domains that run on are not given out again");
    }

    [Fact]
    public async Task What_a_killed_daemon_left_of_dead_domains_is_cleared_at_the_next_start()
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("remains", _appliance.Kernel("remains", "W"u8), "(on_crash destroy)"));
        int domid = (int)info["domid"]!;
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        using (ProcessHandle process = ProcessHandle.TryOpen(_appliance.ProcessOf(domid))!)
        {
            process.Signal(Libc.SignalKill);
            await process.Exited.WaitAsync(Patience);
        }

        await _appliance.StartDaemonAsync();
        await _appliance.WaitForStateAsync("remains", null);
        _appliance.ShouldHaveNothingOf(domid);
    }

    [Fact]
    public async Task A_clean_stop_removes_the_daemons_own_files()
    {
        File.GetUnixFileMode(_appliance.Paths.ApiSocket).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(_appliance.Paths.PidFile)).Trim().Should().Be(_appliance.Daemon.Id.ToString());
        await _appliance.StopDaemonAsync();
        File.Exists(_appliance.Paths.ApiSocket).Should().BeFalse();
        File.Exists(_appliance.Paths.PidFile).Should().BeFalse();
        File.Exists(Path.Combine(_appliance.Paths.XenstoreRun, "socket")).Should().BeFalse();
        (await File.ReadAllTextAsync(_appliance.Paths.XendLog)).Should().EndWith("xend has stopped\n");
    }

    [Fact]
    public async Task A_stop_that_is_asked_to_takes_all_domains_away()
    {
        await _appliance.CreateAsync(Appliance.Form("one", _appliance.Kernel("one", "L"u8)));
        await _appliance.CreateAsync(Appliance.Form("two", _appliance.Kernel("two", "W"u8)));
        await _appliance.PostAsync("v1/domains/one/unpause");
        (string status, _) = await RunAsync("xend", "stop", "--destroy-domains", "--root", _appliance.Paths.Root);
        status.Should().Be("exited with status 0");
        await _appliance.Daemon.Exited.WaitAsync(Patience);
        Directory.EnumerateDirectories(_appliance.Paths.Domains).Should().BeEmpty();
        _appliance.Processes().Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Domains_that_a_killed_daemon_left_can_be_taken_away(bool startAgain)
    {
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("orphan", _appliance.Kernel("orphan", "L"u8)));
        await _appliance.PostAsync("v1/domains/orphan/unpause");
        await _appliance.StopDaemonAsync(Libc.SignalKill);
        Directory.Exists($"/proc/{_appliance.ProcessOf((int)info["domid"]!)}").Should().BeTrue();
        if (startAgain)
            await _appliance.StartDaemonAsync();
        (await RunAsync("xend", "stop", "--destroy-domains", "--root", _appliance.Paths.Root)).Status.Should().Be("exited with status 0");
        Directory.EnumerateDirectories(_appliance.Paths.Domains).Should().BeEmpty();
        _appliance.Processes().Should().BeEmpty();
    }

    [Fact]
    public async Task Xend_starts_once_tells_its_status_and_stops()
    {
        await _appliance.StopDaemonAsync();
        string[] root = ["--root", _appliance.Paths.Root, "--plugins", _appliance.PluginsFile];
        (await RunAsync(["xend", "status", .. root])).Status.Should().Be("exited with status 3");
        (await RunAsync(["xend", "start", .. root])).Status.Should().Be("exited with status 0");
        int pid = (await _appliance.GetAsync("v1/status"))["pid"]!.GetValue<int>();
        (await RunAsync(["xend", "start", .. root])).Status.Should().Be("exited with status 0", "it runs already");
        (await RunAsync(["xend", "status", .. root])).Should().Be(
            ("exited with status 0", $"xend is running on {_appliance.Paths.Root} as process {pid}\n"));
        (await RunAsync(["xend", "restart", .. root])).Status.Should().Be("exited with status 0");
        (await _appliance.GetAsync("v1/status"))["pid"]!.GetValue<int>().Should().NotBe(pid);
        (await RunAsync(["xend", "stop", .. root])).Status.Should().Be("exited with status 0");
        (await RunAsync(["xend", "status", .. root])).Status.Should().Be("exited with status 3");
        (await RunAsync(["xend", "stop", .. root])).Status.Should().Be("exited with status 0", "it is stopped already");
        (await RunAsync(["xend", "dance", .. root])).Status.Should().Be("exited with status 1");
    }

    [Fact]
    public async Task A_daemon_that_cannot_start_says_why_where_it_was_started()
    {
        await _appliance.StopDaemonAsync();
        await File.WriteAllTextAsync(_appliance.PluginsFile, "{ not json");
        (string status, string output) = await RunAsync("xend", "start", "--root", _appliance.Paths.Root, "--plugins", _appliance.PluginsFile);
        status.Should().Be("exited with status 1");
        output.Should().Contain(_appliance.PluginsFile);
        (await RunAsync("xend", "status", "--root", _appliance.Paths.Root)).Status.Should().Be("exited with status 3");
    }

    private static long CpuTicks(int pid)
    {
        // proc(5): utime is the 14th field; the second, in brackets, may hold spaces.
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11]);
    }

    private async Task<(string Status, string Output)> RunAsync(params string[] words)
    {
        string log = _appliance.Temporary($"output-{Guid.NewGuid():N}");
        (string executable, string[] command) = HostProgram.Command(words);
        using ProcessHandle process = ProcessStarter.Start(new ProcessStart(executable, command, log));
        string status = await process.Exited.WaitAsync(Patience);
        return (status, await File.ReadAllTextAsync(log));
    }
}
