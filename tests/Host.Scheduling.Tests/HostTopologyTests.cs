using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Scheduling;

public sealed class HostTopologyTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("topology-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // The manual's example: two sockets of two cores of two threads, which the host numbers across.
    [Fact]
    public void Pcpus_are_numbered_depth_first()
    {
        for (int cpu = 0; cpu < 8; cpu++)
            Write(cpu, package: cpu & 1, core: cpu >> 1 & 1);
        HostTopology topology = HostTopology.Of(Enumerable.Range(0, 8), _root);
        topology.HostCpus.Should().Equal(0, 4, 2, 6, 1, 5, 3, 7);
        topology.Places.Should().Equal(new PcpuPlace(0, 0), new(0, 0), new(0, 1), new(0, 1), new(1, 0), new(1, 0), new(1, 1), new(1, 1));
    }

    [Fact]
    public void Where_nothing_is_known_the_hosts_order_stays() =>
        HostTopology.Of([3, 1, 5], _root).HostCpus.Should().Equal(1, 3, 5);

    [Fact]
    public void No_more_are_taken_than_a_map_holds() =>
        HostTopology.Of(Enumerable.Range(0, 100), _root).Places.Should().HaveCount(64);

    private void Write(int cpu, int package, int core)
    {
        string directory = Path.Combine(_root, $"sys/devices/system/cpu/cpu{cpu}/topology");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "physical_package_id"), $"{package}\n");
        File.WriteAllText(Path.Combine(directory, "core_id"), $"{core}\n");
    }
}
