using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>A stock kernel that computes, writes to its disk and talks to its network while its Host is killed and another comes.</summary>
public sealed class HostRestartTests : IAsyncLifetime
{
    private const string Name = "steady";

    private readonly string _namespace = $"hospes-hr-{Environment.ProcessId}";
    private readonly Appliance _appliance = new();
    private readonly bool _isNetworked = Environment.UserName == "root" && File.Exists("/usr/sbin/nft") && File.Exists("/dev/net/tun");

    private string Image => Path.Combine(_appliance.Root, "disk.img");

    public async Task InitializeAsync()
    {
        (await StartAsync()).Succeeded();
        await using (FileStream file = File.Create(Image))
            file.SetLength(16 << 20);
        string network = _isNetworked ? "vif = ['']" : "";
        await _appliance.BootAsync(new GuestConfiguration(Name) { MemoryMiB = 128, More = $"disk = ['file:{Image},xvda,w']\n{network}" });
    }

    public Task DisposeAsync() => _appliance.DisposeAsync();

    [Fact]
    public async Task A_guest_does_not_notice_that_its_Host_is_killed()
    {
        int domid = await _appliance.DomidAsync(Name);
        int process = _appliance.ProcessOf(domid);
        using ConsoleWatcher console = new(_appliance, domid);
        await console.SeesAsync("guest:/root#");
        await console.TypeAsync("stty -echo; i=0; while :; do i=$((i + 1)); echo count=$i= | dd of=/dev/xvda conv=sync,fsync 2>/dev/null; done &\n");
        if (_isNetworked)
        {
            await console.TypeAsync("udhcpc -i eth0 -n -q -t 20 2>&1 | grep -c 'lease of 10' | sed s/^/leases=/\n");
            await console.SeesAsync("leases=1");
        }

        await WrittenAfterAsync(0);
        string nodes = await StoreAsync(domid);
        await KillHostAsync();

        // Twice: what was written before a look may have been on its way since before the kill.
        await WrittenAfterAsync(await WrittenAfterAsync(Written()));
        if (_isNetworked)
        {
            await console.TypeAsync("ping -c 5 $(route -n | sed -n 's/^0.0.0.0 *\\([0-9.]*\\) .*/\\1/p') >/dev/null && echo ping=$((2 + 3))\n");
            await console.SeesAsync("ping=5");
        }

        (await _appliance.XmAsync("list")).Failed("Unable to connect to xend");
        (await StartAsync()).Succeeded();
        (await _appliance.GuestsAsync()).Should().Equal(Name);
        (await _appliance.DomidAsync(Name)).Should().Be(domid);
        _appliance.ProcessOf(domid).Should().Be(process);
        (await StoreAsync(domid)).Should().Be(nodes);
        await WrittenAfterAsync(await WrittenAfterAsync(Written()));
        if (_isNetworked)
        {
            await console.TypeAsync("udhcpc -i eth0 -n -q -t 20 2>&1 | grep -c 'lease of 10' | sed s/^/again=/\n");
            await console.SeesAsync("again=1");
        }

        using (ConsoleWatcher late = new(_appliance, domid))
            await late.SeesAsync("hospes: init is up");
        (await _appliance.XmAsync("block-attach", Name, $"file:{Image}", "xvdb", "w")).Failed("is already defined");

        // By its watch on control/shutdown, which it has set under the Host that was killed.
        (await _appliance.HostAsync("xend", "restart")).Succeeded();
        (await _appliance.XmAsync("shutdown", "-w", Name)).Succeeded();
        await _appliance.HasNoGuestAsync();
    }

    private Task<Answer> StartAsync() => _isNetworked ? _appliance.HostAsync("xend", "start", "--netns", _namespace) : _appliance.HostAsync("xend", "start");

    private async Task<string> StoreAsync(int domid) => Program.IsInstalled("xenstore-ls")
        ? (await _appliance.XenstoreAsync("xenstore-ls", "-s", "-p", $"/local/domain/{domid}")).Succeeded().Output
        : "";

    private async Task KillHostAsync()
    {
        using Process host = Process.GetProcessById(
            int.Parse(await File.ReadAllTextAsync(Path.Combine(_appliance.Root, "var/run/xend.pid")), CultureInfo.InvariantCulture));
        host.Kill();
        await host.WaitForExitAsync();
    }

    /// <summary>Waits until the guest has counted on, on its disk.</summary>
    private async Task<int> WrittenAfterAsync(int count)
    {
        await Support.Eventually.HoldsAsync(
            $"the guest writes a count above {count}", () => Written() > count, TimeSpan.FromMinutes(1), () => _appliance.Console(Name));
        return Written();
    }

    private int Written()
    {
        byte[] sector = new byte[512];
        using FileStream file = new(Image, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.ReadExactly(sector);
        string[] words = Encoding.ASCII.GetString(sector).Split('=');
        return words.Length > 2 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 0;
    }
}
