using System.Globalization;

namespace Hospes.Host.Domains;

/// <summary>
/// How much memory there is to give away. Guests' memory is filled only as they touch it, so what the kernel calls available is too much: what
/// running domains were promised and have not touched yet is taken off (see <see cref="Free"/>).
/// </summary>
internal sealed class MemoryLedger
{
    private readonly string _proc;
    private readonly string _controlGroupLimit;
    private readonly long _dom0MinimumKiB;

    /// <summary>Reads the running system's files, or others in tests.</summary>
    /// <param name="proc">The kernel's files.</param>
    /// <param name="controlGroupLimit">The file with the container's limit.</param>
    /// <param name="dom0MinimumMiB">What the machine itself keeps (xend-config: dom0-min-mem); 0: what it needs is what is in use.</param>
    public MemoryLedger(string proc = "/proc", string controlGroupLimit = "/sys/fs/cgroup/memory.max", long dom0MinimumMiB = 0)
    {
        _dom0MinimumKiB = dom0MinimumMiB * 1024;
        _proc = proc;
        _controlGroupLimit = controlGroupLimit;
    }

    /// <summary>Memory of the machine, or what a container may use of it, KiB.</summary>
    public long TotalKiB
    {
        get
        {
            long total = Field("meminfo", "MemTotal:");
            return ControlGroupLimitKiB() is { } limit ? Math.Min(total, limit) : total;
        }
    }

    /// <summary>KiB that a further domain could have, when running domains were promised <paramref name="promised"/> each.</summary>
    /// <param name="promised">For each domain: its process and its memory in KiB.</param>
    public long Free(IEnumerable<(int ProcessId, long KiB)> promised)
    {
        return Read(promised).FreeKiB;
    }

    /// <summary>Who holds what.</summary>
    public MemoryStanding Read(IEnumerable<(int ProcessId, long KiB)> promised)
    {
        (int ProcessId, long KiB)[] domains = [.. promised];
        long untouched = domains.Sum(domain => Math.Max(0, domain.KiB - SharedResidentKiB(domain.ProcessId)));
        return new MemoryStanding(
            TotalKiB, domains.Sum(static domain => domain.KiB), Field("meminfo", "MemFree:"), Field("meminfo", "MemAvailable:"), untouched, _dom0MinimumKiB);
    }

    /// <summary>Refuses what there is no room for, in xend's words (fact sheet "xm", section 3), and says where the memory is.</summary>
    /// <exception cref="XendException">There is too little.</exception>
    public void Require(long neededKiB, IEnumerable<(int ProcessId, long KiB)> promised)
    {
        MemoryStanding standing = Read(promised);
        if (neededKiB > standing.FreeKiB)
            throw XendException.Generic(standing.Refusal(neededKiB));
    }

    /// <summary>What of a guest's memory is filled.</summary>
    public long TouchedKiB(int processId) => SharedResidentKiB(processId);

    // A guest's memory is a memory file mapped shared, which the kernel counts as RssShmem (proc(5)).
    private long SharedResidentKiB(int processId)
    {
        try
        {
            return Field($"{processId}/status", "RssShmem:");
        }
        catch (IOException)
        {
            return 0; // the process has ended
        }
    }

    private long? ControlGroupLimitKiB()
    {
        if (!File.Exists(_controlGroupLimit))
            return null;
        return long.TryParse(File.ReadAllText(_controlGroupLimit), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long bytes)
            ? bytes / 1024
            : null;
    }

    private long Field(string file, string name)
    {
        foreach (string line in File.ReadLines(Path.Combine(_proc, file)))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
