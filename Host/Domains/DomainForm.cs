using System.Globalization;
using Hospes.Host.Api;
using Hospes.Host.Security;
using Hospes.Sxp;

namespace Hospes.Host.Domains;

/// <summary>A domain as <c>xm list --long</c> shows it, with its keys in a stable order (fact sheet "xm", section 4.3).</summary>
internal static class DomainForm
{
    private const int Paused = 1;
    private const int Running = 2;
    private const int ShuttingDown = 4;

    /// <summary>The form.</summary>
    /// <param name="info">What is listed.</param>
    /// <param name="domain">The domain, or null for dom0.</param>
    /// <param name="rings">Frames of the store's and the console's ring, or null.</param>
    public static SxpList Make(DomainInfo info, ManagedDomain? domain, (string Store, string Console)? rings)
    {
        VmConfiguration? configuration = domain?.Configuration;
        List<SxpNode> form = [VmForm.Head, Pair("domid", info.Domid!.Value)];
        form.AddRange(configuration is null ? Host(info) : VmForm.Identity(configuration, info.MemoryMiB, info.MaximumMemoryMiB));
        if (configuration is not null)
            form.AddRange(VmForm.Actions(configuration));
        form.AddRange(
        [
            Pair("start_time", info.StartTime.ToString("F2", CultureInfo.InvariantCulture)),
            Pair("cpu_time", info.CpuTime.ToString("F3", CultureInfo.InvariantCulture)),
            Pair("online_vcpus", info.OnlineVcpus),
        ]);
        if (configuration is not null && SecurityForm.Label(configuration) is { } label)
            form.Add(Pair("security_label", label.ToString()));
        if (configuration is not null)
            form.Add(Pair("image", configuration.Image));
        form.Add(Pair("status", Status(domain)));
        form.Add(Pair("state", info.State));
        if (rings is { } known)
        {
            form.Add(Pair("store_mfn", known.Store));
            form.Add(Pair("console_mfn", known.Console));
        }

        if (domain is not null)
        {
            form.AddRange(domain.Devices.Select(static device => Pair("device", device.Configuration.Form)));
            form.Add(Pair("device", new SxpList("console", Pair("protocol", "vt100"), Pair("location", "3"), Pair("uuid", info.Uuid))));
        }

        return new SxpList([.. form]);
    }

    private static IEnumerable<SxpNode> Host(DomainInfo info) =>
    [
        Pair("uuid", info.Uuid),
        Pair("vcpus", info.Vcpus),
        Pair("cpu_cap", 0),
        Pair("cpu_weight", TuningReader.DefaultWeight),
        Pair("memory", info.MemoryMiB),
        Pair("shadow_memory", 0),
        Pair("maxmem", info.MaximumMemoryMiB),
        Pair("features", ""),
        Pair("name", info.Name),
        Pair("on_poweroff", "destroy"),
        Pair("on_reboot", "restart"),
        Pair("on_crash", "restart"),
        Pair("on_xend_start", "ignore"),
        Pair("on_xend_stop", "ignore"),
    ];

    private static int Status(ManagedDomain? domain) => domain switch
    {
        null => Running,
        { IsLive: true, IsPaused: true } => Paused,
        { IsLive: true } => Running,
        _ => ShuttingDown,
    };

    private static SxpList Pair(string key, SxpNode value) => VmForm.Pair(key, value);
}
