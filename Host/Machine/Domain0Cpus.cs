using System.Globalization;
using Hospes.Host.Scheduling;
using Hospes.Hypervisor.Native;

namespace Hospes.Host.Machine;

/// <summary>
/// The CPUs that the machine itself uses, as <c>dom0-cpus</c> has it: xend's threads, but for those that give the pCPUs away, and the programs that it
/// starts. Guests and their processes are kept from none.
/// </summary>
internal sealed class Domain0Cpus
{
    // A thread that is made while we look is found by the next look, or was made by one that is confined already.
    private const int Looks = 3;

    private readonly CpuAffinity _all = CpuAffinity.OfThisThread();
    private readonly CpuAffinity _own;

    /// <summary>The first ones of those that this process may use, in Xen's order.</summary>
    /// <param name="wanted">How many; 0, or more than there are: all.</param>
    public Domain0Cpus(int wanted)
    {
        Topology = HostTopology.Of(_all.Cpus, "/");
        Count = wanted == 0 ? Topology.HostCpus.Count : Math.Min(wanted, Topology.HostCpus.Count);
        _own = CpuAffinity.Of(Topology.HostCpus.Take(Count));
    }

    /// <summary>All pCPUs, also those that the machine itself does not use.</summary>
    public HostTopology Topology { get; }

    /// <summary>How many the machine itself uses: pCPUs 0 to this, less one.</summary>
    public int Count { get; }

    private bool IsAll => Count == Topology.HostCpus.Count;

    /// <summary>Keeps every thread of this process, and what they start from now on, to these CPUs.</summary>
    public void Confine()
    {
        for (int look = 0; look < Looks && !IsAll; look++)
        {
            foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
                _own.ApplyTo(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Starts something that is to have all CPUs.</summary>
    public T StartUnconfined<T>(Func<T> start)
    {
        if (IsAll)
            return start();
        _all.Restore();
        try
        {
            return start();
        }
        finally
        {
            _own.Restore();
        }
    }
}
