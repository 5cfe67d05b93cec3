using System.Runtime.InteropServices;

namespace Hospes.Hypervisor.Native;

/// <summary>Which host CPUs the calling thread may run on (sched_setaffinity(2)). Refusals are no error: the kernel then places the thread as it likes.</summary>
public sealed unsafe partial class CpuAffinity
{
    // Room for 1024 CPUs, as cpu_set_t of the C library has; a kernel built for more refuses to report, which reads as "no CPU known".
    private const int Words = 16;
    private const int BitsPerWord = 64;
    private const int CallingThread = 0;

    private readonly ulong[] _allowed = new ulong[Words];

    private CpuAffinity()
    {
    }

    /// <summary>Notes where the calling thread may run now, so that it can be set free again.</summary>
    public static CpuAffinity OfThisThread()
    {
        var affinity = new CpuAffinity();
        fixed (ulong* words = affinity._allowed)
            GetAffinity(CallingThread, Words * sizeof(ulong), words);
        return affinity;
    }

    /// <summary>These CPUs, by the host's numbers; one that no map has room for is left out.</summary>
    public static CpuAffinity Of(IEnumerable<int> hostCpus)
    {
        CpuAffinity affinity = new();
        foreach (int cpu in hostCpus.Where(static cpu => cpu is >= 0 and < Words * BitsPerWord))
            affinity._allowed[cpu / BitsPerWord] |= 1UL << (cpu % BitsPerWord);
        return affinity;
    }

    /// <summary>The host's numbers of the CPUs noted, ascending.</summary>
    public IReadOnlyList<int> Cpus =>
        [.. Enumerable.Range(0, Words * BitsPerWord).Where(cpu => (_allowed[cpu / BitsPerWord] >> (cpu % BitsPerWord) & 1) != 0)];

    /// <summary>Binds the calling thread to one host CPU; false when that is not allowed here.</summary>
    public static bool TryBind(int hostCpu)
    {
        if (hostCpu is < 0 or >= Words * BitsPerWord)
            return false;
        ulong* words = stackalloc ulong[Words];
        new Span<ulong>(words, Words).Clear();
        words[hostCpu / BitsPerWord] = 1UL << (hostCpu % BitsPerWord);
        return SetAffinity(CallingThread, Words * sizeof(ulong), words) == 0;
    }

    /// <summary>Lets the calling thread run again where it could when this was noted.</summary>
    public void Restore() => ApplyTo(CallingThread);

    /// <summary>Lets a thread run on the CPUs noted and on no others; false when that is not allowed here, or the thread has ended.</summary>
    /// <param name="thread">The kernel's number of it; 0: the calling one.</param>
    public bool ApplyTo(int thread)
    {
        fixed (ulong* words = _allowed)
            return SetAffinity(thread, Words * sizeof(ulong), words) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* mask);
}
