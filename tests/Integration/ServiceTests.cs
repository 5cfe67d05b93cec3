using System.Diagnostics;
using System.Globalization;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>The units and scripts that a package installs: systemd takes the units, the scripts answer with the exit codes of their kind.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private const int NotRunning = 3;

    private readonly Appliance _appliance = new();

    private string Root => _appliance.Root;

    public async Task InitializeAsync() => (await _appliance.HostAsync("files", Root, "--host", Tree.Host, "--xm", Tree.Xm)).Succeeded();

    public Task DisposeAsync() => _appliance.DisposeAsync();

    [SkippableFact]
    public async Task Systemd_takes_the_units()
    {
        Skip.IfNot(Program.IsInstalled("systemd-analyze"), "systemd-analyze (package systemd, which ./hospes setup installs) is not there: the units were not verified");
        string[] units = Directory.GetFiles(Path.Combine(Root, "lib/systemd/system"), "*.service");
        units.Select(Path.GetFileName).Should().BeEquivalentTo("xend.service", "xendomains.service");
        foreach (string unit in units)
        {
            // Where the script is at this moment, for it is looked for.
            string text = await File.ReadAllTextAsync(unit);
            await File.WriteAllTextAsync(unit, text.Replace(" /etc/", $" {Root}/etc/", StringComparison.Ordinal).Replace("=/etc/", $"={Root}/etc/", StringComparison.Ordinal));
        }

        Answer verified = await Program.RunAsync(Program.Command("systemd-analyze", ["verify", "--man=no", .. units]));
        verified.Succeeded().Error.Split('\n').Should().NotContain(static line => line.Contains("xend", StringComparison.Ordinal), "what is wrong with this system's own units is not ours");
        await File.AppendAllTextAsync(units[0], "[Service]\nRestart=sometimes\n");
        (await Program.RunAsync(Program.Command("systemd-analyze", ["verify", "--man=no", .. units]))).Error.Should().Contain("sometimes", "it would have said what is wrong");
    }

    [Fact]
    public async Task The_script_of_xend()
    {
        await IsAsync("xend", "status", NotRunning, "xend is not running");
        await IsAsync("xend", "stop", 0);
        await IsAsync("xend", "start", 0);
        int pid = Pid();
        await IsAsync("xend", "start", 0);
        Pid().Should().Be(pid, "it runs already");
        await IsAsync("xend", "status", 0, $"as process {pid}");
        await IsAsync("xend", "restart", 0);
        pid.Should().NotBe(pid = Pid());
        await IsAsync("xend", "reload", 0);
        pid.Should().NotBe(pid = Pid());
        await IsAsync("xend", "force-reload", 0);
        pid.Should().NotBe(pid = Pid());
        using (Process daemon = Process.GetProcessById(pid))
        {
            daemon.Kill();
            await daemon.WaitForExitAsync();
        }

        await IsAsync("xend", "status", NotRunning);
        await IsAsync("xend", "start", 0);
        await IsAsync("xend", "stop", 0);
        await IsAsync("xend", "status", NotRunning);
        await IsAsync("xend", "", 1);
        await IsAsync("xend", "juggle", 1);
        await File.WriteAllTextAsync(Path.Combine(Root, "etc/xen/xend-config.sxp"), "(xend-port many)");
        await IsAsync("xend", "start", 1);
        await IsAsync("xend", "restart", 1);
    }

    [Fact]
    public async Task The_script_of_xendomains()
    {
        await IsAsync("xend", "start", 0);
        await IsAsync("xendomains", "status", NotRunning);
        await IsAsync("xendomains", "start", 0, "Starting auto Xen domains:.\n");
        await IsAsync("xendomains", "start", 0, "xendomains already running (lockfile exists)\n");
        await IsAsync("xendomains", "status", 0, "Checking for xendomains:\n");
        await IsAsync("xendomains", "restart", 0, "Shutting down Xen domains:.\nStarting auto Xen domains:.\n");
        await IsAsync("xendomains", "reload", 0);
        await IsAsync("xendomains", "stop", 0, "Shutting down Xen domains:.\n");
        await IsAsync("xendomains", "status", NotRunning);
        await IsAsync("xendomains", "", 1);
        await IsAsync("xend", "stop", 0);
        await IsAsync("xendomains", "start", 1);
        File.Delete(Path.Combine(Root, "etc/default/xendomains"));
        await IsAsync("xendomains", "start", 6);
        await IsAsync("xendomains", "stop", 0);
    }

    private async Task IsAsync(string script, string word, int status, string? output = null)
    {
        Answer answer = await Program.RunAsync(_appliance.Command(Path.Combine(Root, "etc/init.d", script), word.Length == 0 ? [] : [word]));
        answer.Status.Should().Be(status, $"{script} {word}: {answer.Output}{answer.Error}{_appliance.Log()}");
        if (output is not null)
            answer.Output.Should().Contain(output);
    }

    private int Pid() => int.Parse(File.ReadAllText(Path.Combine(Root, "var/run/xend.pid")), CultureInfo.InvariantCulture);
}
