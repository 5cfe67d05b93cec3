namespace Hospes.Integration.Support;

/// <summary>An appliance with one guest that has told about itself and waits at its shell; tests that share it leave it as they found it.</summary>
public sealed class BootedGuest : IAsyncLifetime
{
    internal const string Name = "guest1";

    public Appliance Appliance { get; } = new();

    public int Domid { get; private set; }

    public async Task InitializeAsync()
    {
        await Appliance.InitializeAsync();
        await Appliance.BootAsync(new GuestConfiguration(Name) { Extra = "hospes.tour" }, "hospes: tour is over");
        Domid = await Appliance.DomidAsync(Name);
    }

    public Task DisposeAsync() => Appliance.DisposeAsync();
}
