namespace Hospes.Integration.Support;

/// <summary>An appliance with one guest that has room for four vCPUs and begins with two; tests that share it leave it as they found it.</summary>
public sealed class SmpGuest : IAsyncLifetime
{
    internal const string Name = "smp";

    public Appliance Appliance { get; } = new();

    public int Domid { get; private set; }

    public async Task InitializeAsync()
    {
        await Appliance.InitializeAsync();
        await Appliance.BootAsync(new GuestConfiguration(Name) { Extra = "hospes.tour", More = "vcpus = 2\nmaxvcpus = 4" }, "hospes: tour is over");
        Domid = await Appliance.DomidAsync(Name);
    }

    public Task DisposeAsync() => Appliance.DisposeAsync();
}
