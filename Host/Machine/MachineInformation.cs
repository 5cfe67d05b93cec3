using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Hospes.Host.Domains;
using Hospes.Hypervisor.Cpu;

namespace Hospes.Host.Machine;

/// <summary>
/// What <c>xm info</c> shows (fact sheet "xm", section 7.1), in its order. Everything about the machine comes from the kernel's own files.
/// </summary>
internal sealed class MachineInformation
{
    private readonly MemoryLedger _ledger;
    private readonly string _root;

    /// <summary>Reads the running system's files, or others in tests.</summary>
    public MachineInformation(MemoryLedger ledger, string root = "/")
    {
        _ledger = ledger;
        _root = root;
    }

    /// <summary>Host CPUs the appliance may use.</summary>
    public static int Cpus => Environment.ProcessorCount;

    /// <summary>When the machine started, seconds since 1970.</summary>
    public double BootTime
    {
        get
        {
            foreach (string line in File.ReadLines(Path.Combine(_root, "proc/stat")))
            {
                if (line.StartsWith("btime ", StringComparison.Ordinal))
                    return double.Parse(line["btime ".Length..], CultureInfo.InvariantCulture);
            }

            return 0;
        }
    }

    /// <summary>The first CPU's clock as the kernel sees it, MHz.</summary>
    public double ProcessorMegahertz =>
        double.TryParse(CpuField("cpu MHz"), NumberStyles.Float, CultureInfo.InvariantCulture, out double megahertz) ? megahertz : 0;

    /// <summary>Keys and values in the order of <c>xm info</c>.</summary>
    /// <param name="freeKiB">Memory that a further domain could have.</param>
    /// <param name="scheduler">The scheduler's name.</param>
    public Dictionary<string, string> Read(long freeKiB, string scheduler)
    {
        int sockets = Math.Max(1, CpuValues("physical id"));
        int cores = Number(CpuField("cpu cores"), 1);
        int siblings = Number(CpuField("siblings"), cores);
        int threads = Math.Max(1, siblings / Math.Max(1, cores));
        string[] nodes = Nodes();
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = Kernel("hostname"),
            ["release"] = Kernel("osrelease"),
            ["version"] = Kernel("version"),
            ["machine"] = "x86_64",
            ["nr_cpus"] = Text(Cpus),
            ["nr_nodes"] = Text(Math.Max(1, nodes.Length)),
            ["sockets_per_node"] = Text(Math.Max(1, sockets / Math.Max(1, nodes.Length))),
            ["cores_per_socket"] = Text(cores),
            ["threads_per_core"] = Text(threads),
            ["cpu_mhz"] = Text((long)ProcessorMegahertz),
            ["hw_caps"] = Capabilities(),
            ["total_memory"] = Text(_ledger.TotalKiB / 1024),
            ["free_memory"] = Text(freeKiB / 1024),
            ["node_to_cpu"] = nodes.Length == 0 ? $"node0:0-{Cpus - 1}" : string.Join('\n', nodes),
            ["xen_major"] = Text(XenVersion.Major),
            ["xen_minor"] = Text(XenVersion.Minor),
            ["xen_extra"] = XenVersion.Extra,
            ["xen_caps"] = XenVersion.Capabilities,
            ["xen_scheduler"] = scheduler,
            ["xen_pagesize"] = "4096",
            ["platform_params"] = XenIdentity.PlatformParameters,
            ["xen_changeset"] = XenVersion.Changeset,
            ["cc_compiler"] = XenIdentity.Compiler,
            ["cc_compile_by"] = XenIdentity.CompiledBy,
            ["cc_compile_domain"] = XenIdentity.CompiledOn,
            ["cc_compile_date"] = XenIdentity.CompiledAt,
            ["xend_config_format"] = "4",
        };
    }

    // Eight words as T prints them: 1.edx, 80000001.edx, two that only other makers' CPUs have, 1.ecx, one more of these, 80000001.ecx, 7.ebx.
    private static string Capabilities()
    {
        (_, _, int ecx1, int edx1) = X86Base.CpuId(1, 0);
        (_, _, int ecxExtended, int edxExtended) = X86Base.CpuId(unchecked((int)0x80000001), 0);
        int ebx7 = X86Base.CpuId(0, 0).Eax >= 7 ? X86Base.CpuId(7, 0).Ebx : 0;
        return string.Join(':', ((int[])[edx1, edxExtended, 0, 0, ecx1, 0, ecxExtended, ebx7]).Select(static word => word.ToString("x8")));
    }

    private static int Number(string text, int missing) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : missing;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private string Kernel(string name)
    {
        string path = Path.Combine(_root, "proc/sys/kernel", name);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }

    private string[] Nodes()
    {
        string directory = Path.Combine(_root, "sys/devices/system/node");
        if (!Directory.Exists(directory))
            return [];
        return
        [
            .. Directory.EnumerateDirectories(directory, "node*")
                .Select(static path => (Path: path, Number: Path.GetFileName(path)["node".Length..]))
                .Where(static node => int.TryParse(node.Number, out _))
                .OrderBy(static node => int.Parse(node.Number, CultureInfo.InvariantCulture))
                .Select(static node => $"node{node.Number}:{File.ReadAllText(Path.Combine(node.Path, "cpulist")).Trim()}"),
        ];
    }

    private string CpuField(string name) => CpuFields(name).FirstOrDefault() ?? "";

    private int CpuValues(string name) => CpuFields(name).Distinct(StringComparer.Ordinal).Count();

    private IEnumerable<string> CpuFields(string name) =>
        File.ReadLines(Path.Combine(_root, "proc/cpuinfo"))
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
}
