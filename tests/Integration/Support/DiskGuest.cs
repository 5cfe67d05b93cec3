namespace Hospes.Integration.Support;

/// <summary>An appliance with one guest that has a disk and waits at its shell.</summary>
public sealed class DiskGuest : IAsyncLifetime
{
    internal const string Name = "disky";

    private ConsoleWatcher? _console;
    private int _commands;

    public Appliance Appliance { get; } = new();

    /// <summary>Its disk, 64 MiB.</summary>
    internal string Image => Path.Combine(Appliance.Root, "disk.img");

    public async Task InitializeAsync()
    {
        await Appliance.InitializeAsync();
        await using (FileStream file = File.Create(Image))
            file.SetLength(64 << 20);
        await Appliance.BootAsync(new GuestConfiguration(Name) { More = $"disk = ['file:{Image},xvda,w']" });
        _console = new ConsoleWatcher(Appliance, await Appliance.DomidAsync(Name));
        await _console.SeesAsync("guest:/root#");
        await RunAsync("stty -echo; dmesg -n 1");
    }

    public async Task DisposeAsync()
    {
        _console?.Dispose();
        await Appliance.DisposeAsync();
    }

    /// <summary>Types a command and answers what it said.</summary>
    internal async Task<string> RunAsync(string command)
    {
        string mark = $"end-{_commands++}-";
        await _console!.TypeAsync($"{command}; echo {mark}''mark\n");
        return await _console.UntilAsync($"{mark}mark");
    }
}
