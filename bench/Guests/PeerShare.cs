using System.Globalization;

namespace Hospes.Bench.Guests;

/// <summary>A cgroup of the host's kernel that gives the peer's processes a weight: what our scheduler is for guests. It takes root.</summary>
internal sealed class PeerShare : IDisposable
{
    private const string Legacy = "/sys/fs/cgroup/cpu"; // version 1: cpu.shares
    private const string Unified = "/sys/fs/cgroup"; // version 2: cpu.weight
    private const int KernelDefaultShares = 1024;
    private const int KernelDefaultWeight = 100;
    private const int OurDefaultWeight = 256;

    private readonly string _directory;

    private PeerShare(string directory) => _directory = directory;

    /// <summary>Makes one with a weight of ours; null: cgroups cannot be made here.</summary>
    public static PeerShare? TryMake(string name, int weight)
    {
        bool isLegacy = File.Exists(Path.Combine(Legacy, "cpu.shares"));
        string directory = Path.Combine(isLegacy ? Legacy : Unified, $"hospes-bench-{Environment.ProcessId}-{name}");
        try
        {
            Directory.CreateDirectory(directory);
            (string file, int unit) = isLegacy ? ("cpu.shares", KernelDefaultShares) : ("cpu.weight", KernelDefaultWeight);
            File.WriteAllText(Path.Combine(directory, file), (weight * unit / OurDefaultWeight).ToString(CultureInfo.InvariantCulture));
            return new PeerShare(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Add(int process) => File.WriteAllText(Path.Combine(_directory, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));

    /// <summary>To be called when its processes are gone.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory);
    }
}
