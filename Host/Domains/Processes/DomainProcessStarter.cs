using Hospes.Host.Machine;
using Hospes.Host.Native;

namespace Hospes.Host.Domains.Processes;

/// <summary>Starts this program as a domain's process, with an environment that keeps it small, on any CPU.</summary>
internal sealed class DomainProcessStarter(Domain0Cpus cpus)
{
    /// <summary>Small heaps: a domain process is to stay within 100 MiB above its guest's RAM.</summary>
    private static readonly IReadOnlyDictionary<string, string?> Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCgen0size"] = "100000", // hexadecimal: 1 MiB, whatever the host's caches are
        ["DOTNET_GCgen0MaxBudget"] = "100000",
        ["DOTNET_GCRegionSize"] = "40000", // hexadecimal: 256 KiB, so that a heap of a few MiB does not hold tens
        ["DOTNET_GCConserveMemory"] = "5",
        ["MALLOC_ARENA_MAX"] = "1", // the C library's heaps, which the JIT compiler fills and empties, give back what they can
        ["MALLOC_TRIM_THRESHOLD_"] = "131072",
        ["MALLOC_MMAP_THRESHOLD_"] = "32768",
        ["DOTNET_TieredPGO"] = "0", // what is not compiled ahead is compiled quickly, and well once it is hot: half of a start is compiling
        ["DOTNET_EnableDiagnostics"] = "0", // no diagnostics socket in /tmp for each guest
        ["NOTIFY_SOCKET"] = null,
        ["JOURNAL_STREAM"] = null,
    };

    /// <summary>Starts one.</summary>
    /// <param name="words">The verb and what belongs to it.</param>
    /// <param name="log">Where its output goes.</param>
    /// <param name="inherited">Descriptors that it gets, numbered from 3.</param>
    /// <exception cref="IOException">It cannot be started.</exception>
    public ProcessHandle Start(string[] words, string log, params int[] inherited)
    {
        (string executable, string[] arguments) = HostExecutable.Command(words);
        return cpus.StartUnconfined(() => ProcessStarter.Start(new ProcessStart(executable, arguments, log)
        {
            Environment = Environment,
            Inherited = inherited,
        }));
    }
}
