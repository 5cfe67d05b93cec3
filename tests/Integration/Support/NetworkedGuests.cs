namespace Hospes.Integration.Support;

/// <summary>An appliance in a network namespace, with two guests that have found each other; tests that share it leave it as they found it.</summary>
public sealed class NetworkedGuests : IAsyncLifetime
{
    private string? _missing;

    public Appliance Appliance { get; } = new();

    private string Namespace { get; } = $"hospes-it-{Environment.ProcessId}";

    /// <summary>Skips the test where guests cannot have a network.</summary>
    internal void Require() => Skip.If(_missing is not null, _missing);

    public async Task InitializeAsync()
    {
        if (Environment.UserName != "root")
            _missing = "a network namespace takes root";
        else if (!File.Exists("/usr/sbin/nft"))
            _missing = "nft (package nftables) is not installed";
        else if (!File.Exists("/dev/net/tun"))
            _missing = "/dev/net/tun is not here";
        if (_missing is not null)
        {
            await Appliance.InitializeAsync();
            return;
        }

        (await Appliance.HostAsync("xend", "start", "--netns", Namespace)).Succeeded();
        foreach ((string name, string peer) in ((string, string)[])[("net1", "net2"), ("net2", "net1")])
        {
            string file = Appliance.Write(new GuestConfiguration(name) { MemoryMiB = 128, Extra = $"hospes.tour hospes.peer={peer}", More = "vif = ['']" });
            (await Appliance.XmAsync("create", file)).Succeeded();
        }

        foreach (string name in (string[])["net1", "net2"])
            await Appliance.ConsoleSaysAsync(name, "hospes: tour is over");
    }

    public async Task DisposeAsync()
    {
        await Appliance.DisposeAsync();
        File.Exists($"/run/netns/{Namespace}").Should().BeFalse("the namespace goes with the appliance that it was made for");
    }
}
