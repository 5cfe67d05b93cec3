using System.Globalization;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;

namespace Hospes.Host.Domains.Adoption;

/// <summary>
/// What an appliance remembers over a restart of its daemon, as long as domains run on: the scheduler that people have put in charge, and which numbers
/// were given out. Kept in the store, below <c>/tool/xend</c>.
/// </summary>
internal sealed class ApplianceMemory
{
    private const string SchedulerPath = "/tool/xend/scheduler";
    private const string NumberPath = "/tool/xend/last-domid";

    private readonly XenstoreClient _store;

    /// <summary>Forgets what an appliance has left that ended with all its domains.</summary>
    public ApplianceMemory(XenstoreServer server, HostPaths paths)
    {
        _store = server.Connect();
        string[] directories = [.. LeftDomain.Find(paths).Select(static left => left.Directory)];
        if (LeftDomain.FindProcesses(directories).Count == 0)
            _store.Remove("/tool/xend");
    }

    /// <summary>The scheduler that was put in charge; null: none but the configured one.</summary>
    public string? Scheduler
    {
        get => _store.Read(SchedulerPath);
        set => _store.Write(SchedulerPath, value ?? "");
    }

    /// <summary>The number that a domain was given last.</summary>
    public int LastNumber
    {
        get => int.TryParse(_store.Read(NumberPath), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        set => _store.Write(NumberPath, value.ToString(CultureInfo.InvariantCulture));
    }
}
