using System.Globalization;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>
/// A domain's nodes in the store (fact sheet "xend", sections 5.1 and 5.2). Of <c>/vm/UUID</c> the guest may read only the uuid.
/// </summary>
/// <remarks>
/// The sheet gives the whole home to the guest. Here the guest owns only the nodes that its drivers write and reads the others: tools of the control
/// domain act on what stands in <c>console/tty</c> or <c>vm</c>, which a guest must not choose. Later Xen does the same.
/// </remarks>
internal sealed class DomainStore(XenstoreServer server, XendConfiguration xend)
{
    private const int MostConsoleKiB = (1 << 21) - 1;

    /// <summary>Bytes of console output kept (xend-config: console-limit).</summary>
    public int ConsoleLimit => Math.Min(xend.Number(XendParameters.ConsoleLimit), MostConsoleKiB) * 1024;

    // What drivers and tools inside the guest make and change themselves; all else they only read.
    private static readonly string[] GuestOwned =
    [
        "control/shutdown", "control/sysrq", "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend",
        "device/suspend/event-channel", "data", "drivers", "error", "feature", "attr",
    ];

    private static readonly string[] GuestReadable = ["cpu", "memory", "control", "console", "store", "device", "domid", "name", "vm"];

    private readonly XenstoreClient _store = server.Connect();

    /// <summary>The domain's home.</summary>
    public static string Home(DomainId id) => $"/local/domain/{id}";

    /// <summary>Where what belongs to a domain over its whole life is kept.</summary>
    public static string VmPath(Guid uuid) => $"/vm/{uuid}";

    /// <summary>Writes all that is known before the domain is built.</summary>
    public void Write(ManagedDomain domain) => _store.Atomically(store =>
    {
        string home = Home(domain.Id);
        string vm = VmPath(domain.Uuid);
        VmConfiguration configuration = domain.Configuration;
        NodePermissions readable = NodePermissions.Of(
            new PermissionEntry(AccessRights.None, DomainId.Zero), new PermissionEntry(AccessRights.Read, domain.Id));
        WriteVm(store, domain, vm);
        store.SetPermissions($"{vm}/uuid", readable);

        store.Remove(home);
        store.MakeDirectory(home);
        store.SetPermissions(home, readable);
        foreach (string node in GuestReadable)
        {
            store.MakeDirectory($"{home}/{node}");
            store.SetPermissions($"{home}/{node}", readable);
        }

        foreach (string node in GuestOwned)
        {
            store.MakeDirectory($"{home}/{node}");
            store.SetPermissions($"{home}/{node}", NodePermissions.OwnedBy(domain.Id));
        }

        store.Write($"{home}/vm", vm);
        store.Write($"{home}/name", domain.Name);
        store.Write($"{home}/domid", domain.Id.ToString());
        store.Write($"{home}/memory/target", Text((long)configuration.MemoryMiB * 1024));
        store.Write($"{home}/memory/static-max", Text((long)configuration.MaximumMemoryMiB * 1024));
        store.Write($"{home}/memory/videoram", "0");
        store.Write($"{home}/console/limit", Text(ConsoleLimit));
        store.Write($"{home}/console/type", "hospes");
        store.Write($"{home}/control/platform-feature-multiprocessor-suspend", "1");
        store.Write($"{home}/control/platform-feature-xs_reset_watches", "1");
        WriteVcpus(store, domain);
    });

    /// <summary>Writes which vCPUs the guest is to use, all at once.</summary>
    public void WriteVcpus(ManagedDomain domain) => _store.Atomically(store =>
    {
        store.Write($"{VmPath(domain.Uuid)}/vcpu_avail", domain.Configuration.VcpusAvailable.ToString(CultureInfo.InvariantCulture));
        WriteVcpus(store, domain);
    });

    /// <summary>Writes where the guest's two rings are.</summary>
    public void WriteRings(ManagedDomain domain, ControlMessage.Built built, string consoleSocket) => _store.Atomically(store =>
    {
        string home = Home(domain.Id);
        store.Write($"{home}/store/port", Text(built.StorePort));
        store.Write($"{home}/store/ring-ref", Text((long)built.StoreFrame));
        store.Write($"{home}/console/port", Text(built.ConsolePort));
        store.Write($"{home}/console/ring-ref", Text((long)built.ConsoleFrame));
        store.Write($"{home}/console/tty", consoleSocket);
    });

    /// <summary>Removes the domain's home, and its <c>/vm</c> node unless another incarnation has taken that over.</summary>
    public void Remove(ManagedDomain domain) => _store.Atomically(store =>
    {
        store.Remove(Home(domain.Id));
        string vm = VmPath(domain.Uuid);
        if (store.Read($"{vm}/xend/owner") is null || string.Equals(store.Read($"{vm}/xend/owner"), domain.Id.ToString(), StringComparison.Ordinal))
            store.Remove(vm);
    });

    /// <summary>Writes a node below the domain's home.</summary>
    public void Set(DomainId id, string node, string value) => _store.Write($"{Home(id)}/{node}", value);

    /// <summary>Reads a node below the domain's home.</summary>
    public string? Get(DomainId id, string node) => _store.Read($"{Home(id)}/{node}");

    /// <summary>Writes a node below the domain's <c>/vm</c> node.</summary>
    public void SetVm(Guid uuid, string node, string value) => _store.Write($"{VmPath(uuid)}/{node}", value);

    /// <summary>Gives the domain another name, and if the identity changes, another <c>/vm</c> node.</summary>
    public void Rename(ManagedDomain domain, Guid oldUuid) => _store.Atomically(store =>
    {
        store.Write($"{Home(domain.Id)}/name", domain.Name);
        if (oldUuid == domain.Uuid)
        {
            store.Write($"{VmPath(domain.Uuid)}/name", domain.Name);
            return;
        }

        store.Remove(VmPath(oldUuid));
        WriteVm(store, domain, VmPath(domain.Uuid));
        store.Write($"{Home(domain.Id)}/vm", VmPath(domain.Uuid));
    });

    // Only what changes: each write wakes the guest's watch, and it acts on what it reads.
    private static void WriteVcpus(XenstoreTransaction store, ManagedDomain domain)
    {
        for (int vcpu = 0; vcpu < domain.Configuration.Vcpus; vcpu++)
        {
            string node = $"{Home(domain.Id)}/cpu/{vcpu}/availability";
            string value = (domain.Configuration.VcpusAvailable >> vcpu & 1) != 0 ? "online" : "offline";
            if (!string.Equals(store.Read(node), value, StringComparison.Ordinal))
                store.Write(node, value);
        }
    }

    private static void WriteVm(XenstoreTransaction store, ManagedDomain domain, string vm)
    {
        VmConfiguration configuration = domain.Configuration;
        (string Node, string Value)[] nodes =
        [
            ("uuid", domain.Uuid.ToString()),
            ("name", domain.Name),
            ("vcpus", Text(configuration.Vcpus)),
            ("vcpu_avail", configuration.VcpusAvailable.ToString(CultureInfo.InvariantCulture)),
            ("memory", Text(configuration.MemoryMiB)),
            ("maxmem", Text(configuration.MaximumMemoryMiB)),
            ("shadow_memory", "0"),
            ("start_time", domain.StartTime.ToString("F2", CultureInfo.InvariantCulture)),
            ("on_poweroff", configuration.OnPoweroff.Word()),
            ("on_reboot", configuration.OnReboot.Word()),
            ("on_crash", configuration.OnCrash.Word()),
            ("on_xend_start", configuration.OnXendStart),
            ("on_xend_stop", configuration.OnXendStop),
            ("image", configuration.Image.ToString()),
            ("image/ostype", "linux"),
            ("image/kernel", configuration.Kernel),
            ("image/cmdline", configuration.CommandLine),
            ("image/ramdisk", configuration.Ramdisk ?? ""),
            ("rtc/timeoffset", "0"),
            ("xend/owner", domain.Id.ToString()),
            ("xend/restart_count", Text(domain.Restarts.Count)),
            ("xend/restart_in_progress", "False"),
        ];
        foreach ((string node, string value) in nodes)
            store.Write($"{vm}/{node}", value);
        if (domain.Restarts.Last is { } last)
            store.Write($"{vm}/xend/previous_restart_time", (last.ToUnixTimeMilliseconds() / 1000.0).ToString("F2", CultureInfo.InvariantCulture));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
