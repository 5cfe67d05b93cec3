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

    /// <summary>Reads the running system's files, or others in tests.</summary>
    public MemoryLedger(string proc = "/proc", string controlGroupLimit = "/sys/fs/cgroup/memory.max")
    {
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
        long available = Math.Min(Field("meminfo", "MemAvailable:"), TotalKiB);
        long untouched = promised.Sum(domain => Math.Max(0, domain.KiB - SharedResidentKiB(domain.ProcessId)));
        return Math.Max(0, available - untouched);
    }

    /// <summary>Refuses a domain for which there is no room, in xend's words (fact sheet "xm", section 3).</summary>
    /// <exception cref="XendException">There is too little.</exception>
    public static void Require(long neededKiB, long freeKiB)
    {
        if (neededKiB > freeKiB)
        {
            throw XendException.Generic(
                $"Not enough free memory and dom0_min_mem is 0, so I cannot release any more.  I need {neededKiB} KiB but only have {freeKiB}.");
        }
    }

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
