using System.Numerics;
using Hospes.Sxp;

namespace Hospes.Host.Domains;

/// <summary>
/// A configuration written down as a form that <see cref="VmConfigurationReader"/> reads back as the same configuration: what <c>xm list --long</c> shows
/// of it and what is stored of managed domains. Keys in a stable order (fact sheet "xm", section 4.3).
/// </summary>
internal static class VmForm
{
    /// <summary>The head of such a form.</summary>
    public const string Head = "domain";

    /// <summary>Keys that are kept as they came (see <see cref="VmConfiguration.Kept"/>).</summary>
    public static readonly string[] KeptKeys = ["features", "localtime", "backend", "security"];

    /// <summary>The form.</summary>
    public static SxpList Make(VmConfiguration configuration) => new(
    [
        new SxpAtom(Head),
        .. Identity(configuration, configuration.MemoryMiB, configuration.MaximumMemoryMiB),
        .. Actions(configuration),
        Pair("image", configuration.Image),
        .. configuration.Devices.Select(static device => Pair("device", device)),
    ]);

    /// <summary>What the domain is and has, up to its name.</summary>
    public static IEnumerable<SxpNode> Identity(VmConfiguration configuration, long memoryMiB, long maximumMemoryMiB)
    {
        yield return Pair("uuid", configuration.Uuid.ToString());
        yield return Pair("vcpus", configuration.Vcpus);
        if (BitOperations.PopCount(configuration.VcpusAvailable) < configuration.Vcpus)
            yield return Pair("vcpu_avail", checked((long)configuration.VcpusAvailable));
        if (PcpuList.Format(configuration) is { } cpus)
            yield return Pair("cpus", cpus);
        yield return Pair("cpu_cap", configuration.Tuning.Configured.GetValueOrDefault("cpu_cap"));
        yield return Pair("cpu_weight", configuration.Tuning.Configured.GetValueOrDefault("cpu_weight", TuningReader.DefaultWeight));
        yield return Pair("memory", memoryMiB);
        yield return Pair("shadow_memory", 0);
        yield return Pair("maxmem", maximumMemoryMiB);
        yield return Pair("bootloader", configuration.BootLoader ?? "");
        yield return Pair("bootloader_args", configuration.BootLoaderArguments);
        if (!configuration.Kept.Any(static kept => kept.Name == "features"))
            yield return Pair("features", "");
        foreach (SxpList kept in configuration.Kept)
            yield return kept;
        if (configuration.Engine != "auto")
            yield return Pair("engine", configuration.Engine);
        if (configuration.Console is { } console)
            yield return Pair("console", console);
        yield return Pair("name", configuration.Name);
    }

    /// <summary>What is to happen when.</summary>
    public static IEnumerable<SxpNode> Actions(VmConfiguration configuration) =>
    [
        Pair("on_poweroff", configuration.OnPoweroff.Word()),
        Pair("on_reboot", configuration.OnReboot.Word()),
        Pair("on_crash", configuration.OnCrash.Word()),
        Pair("on_xend_start", configuration.OnXendStart),
        Pair("on_xend_stop", configuration.OnXendStop),
    ];

    /// <summary><c>(key value)</c>.</summary>
    public static SxpList Pair(string key, SxpNode value) => new(key, value);
}
