namespace Hospes.Integration.Support;

/// <summary>The program <c>Guests/reach</c>, running in a guest: a line of words in, an answer out. Disposing ends it.</summary>
internal sealed class ReachingProgram : IAsyncDisposable
{
    private const string Modules = "for module in xen-evtchn xen-gntdev xen-gntalloc 'xen-privcmd unrestricted=1'; do set -- $module; insmod /lib/modules/$(uname -r)/$1.ko $2 2>/dev/null; done";

    private readonly ConsoleWatcher _console;

    private ReachingProgram(ConsoleWatcher console, int domid)
    {
        _console = console;
        Domid = domid;
    }

    /// <summary>The guest's number.</summary>
    public int Domid { get; }

    public static async Task<ReachingProgram> StartAsync(Appliance appliance, string guest)
    {
        int domid = await appliance.DomidAsync(guest);
        ConsoleWatcher console = new(appliance, domid);
        await console.TypeAsync($"{Modules}; perl /bin/reach\n");
        await console.UntilAsync("reach: ready\r\n");
        return new ReachingProgram(console, domid);
    }

    /// <summary>What the guest gets for an attempt.</summary>
    public async Task<string> TryAsync(string command, params object[] words)
    {
        await _console.TypeAsync($"{command} {string.Join(' ', words)}\n");
        await _console.UntilAsync($"reach: {command}: ");
        return await _console.UntilAsync("\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _console.TypeAsync("\u0004"); // end of file
        await _console.UntilAsync("reach: ends");
        _console.Dispose();
    }
}
