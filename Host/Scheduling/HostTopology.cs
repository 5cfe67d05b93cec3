using System.Globalization;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

/// <summary>
/// The host CPUs that this process may use, numbered as Xen numbers them: depth first, the threads of a core one after the other, then the cores of a
/// socket, then the sockets (fact sheet "CPU schedulers", section 1).
/// </summary>
/// <param name="HostCpus">The host's number of each pCPU.</param>
/// <param name="Places">The place of each pCPU.</param>
internal sealed record HostTopology(IReadOnlyList<int> HostCpus, IReadOnlyList<PcpuPlace> Places)
{
    /// <summary>
    /// The order of some host CPUs, by what the kernel says of them (sysfs, devices/system/cpu/cpuN/topology). As many as Xen's maps hold; more are left to
    /// the host.
    /// </summary>
    internal static HostTopology Of(IEnumerable<int> hostCpus, string root)
    {
        (int HostCpu, PcpuPlace Place)[] cpus =
        [
            .. hostCpus.Select(cpu => (cpu, Place(root, cpu)))
                .OrderBy(static cpu => cpu.Item2.Socket).ThenBy(static cpu => cpu.Item2.Core).ThenBy(static cpu => cpu.cpu)
                .Take(PcpuSet.Capacity),
        ];
        return new HostTopology([.. cpus.Select(static cpu => cpu.HostCpu)], [.. cpus.Select(static cpu => cpu.Place)]);
    }

    /// <summary>pCPUs that are bound to no host CPU, each a socket of its own; for tests.</summary>
    internal static HostTopology Unbound(int pcpus) =>
        new([.. Enumerable.Repeat(-1, pcpus)], [.. Enumerable.Range(0, pcpus).Select(static pcpu => new PcpuPlace(pcpu, 0))]);

    // Where the kernel does not say, each CPU is a core of the first socket: the order is then the host's own.
    private static PcpuPlace Place(string root, int cpu)
    {
        string directory = Path.Combine(root, $"sys/devices/system/cpu/cpu{cpu}/topology");
        return new PcpuPlace(Number(Path.Combine(directory, "physical_package_id"), 0), Number(Path.Combine(directory, "core_id"), cpu));
    }

    private static int Number(string file, int missing) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : missing;
}
