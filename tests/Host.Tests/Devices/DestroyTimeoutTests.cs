using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Devices;

/// <summary><c>device-destroy-timeout</c>: how long a guest is waited for that does not let go of a device.</summary>
public sealed class DestroyTimeoutTests : IAsyncLifetime
{
    private Appliance _appliance = null!;

    // Less than the hundred seconds that nothing said would mean, which is longer than the client of these tests waits.
    public async Task InitializeAsync() => _appliance = await Appliance.StartAsync("(device-destroy-timeout 1)\n");

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_guest_that_keeps_its_disk_keeps_it_until_it_is_taken_by_force()
    {
        string disk = _appliance.Temporary("disk");
        await File.WriteAllBytesAsync(disk, new byte[65536]);
        await _appliance.CreateAsync(Appliance.Form("deaf", _appliance.Kernel("k", "W"u8), $"(device (vbd (uname 'file:{disk}') (dev xvda) (mode w)))"));
        await _appliance.PostAsync("v1/domains/deaf/unpause");

        await FluentActions.Awaiting(() => DetachAsync(force: 0)).Should().ThrowAsync<FaultException>()
            .Where(fault => fault.Message == "Device 51712 (vbd) could not be disconnected. ");
        (await _appliance.GetAsync("v1/domains/deaf/devices/vbd")).AsArray().Should().ContainSingle("it is still the guest's");

        await DetachAsync(force: 1);
        (await _appliance.GetAsync("v1/domains/deaf/devices/vbd")).AsArray().Should().BeEmpty();
    }

    private Task DetachAsync(int force) => _appliance.PostAsync("v1/domains/deaf/device-detach", new Dictionary<string, object> { ["class"] = "vbd", ["device"] = "xvda", ["force"] = force });
}
