using System.Globalization;
using Hospes.Host.Native;

namespace Hospes.Host.Domains.Processes;

/// <summary>What is known of a domain whose daemon is no more: its directory, and the process that serves it on.</summary>
internal static class LeftDomain
{
    /// <summary>The number of the process that still serves the domain of this directory, or null.</summary>
    public static int? FindProcess(string directory)
    {
        string file = Path.Combine(directory, DomainProcessLauncher.PidFileName);
        if (!File.Exists(file) || !int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            return FindProcesses([directory]).TryGetValue(directory, out int unwritten) ? unwritten : null;

        // The number may mean another process by now.
        return Words(pid).Contains(directory, StringComparer.Ordinal) ? pid : null;
    }

    /// <summary>The processes that serve the domains of these directories, found by their command lines: also one whose number nobody came to write down.</summary>
    public static IReadOnlyDictionary<string, int> FindProcesses(IReadOnlyCollection<string> directories)
    {
        Dictionary<string, int> found = new(StringComparer.Ordinal);
        if (directories.Count == 0)
            return found;
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Words(pid) is var words && Array.IndexOf(words, "--directory") is >= 0 and int option && option + 1 < words.Length
                && directories.Contains(words[option + 1]))
                found[words[option + 1]] = pid;
        }

        return found;
    }

    /// <summary>The directories of domains under a root.</summary>
    public static IEnumerable<(int Number, string Directory)> Find(HostPaths paths)
    {
        if (!Directory.Exists(paths.Domains))
            yield break;
        foreach (string directory in Directory.GetDirectories(paths.Domains))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                yield return (number, directory);
        }
    }

    /// <summary>Ends a domain's process, if there is one, and removes its directory.</summary>
    public static async Task EndAsync(string directory)
    {
        if (FindProcess(directory) is { } pid && ProcessHandle.TryOpen(pid) is { } process)
        {
            using (process)
            {
                process.Signal(Libc.SignalKill);
                await process.Exited;
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    private static string[] Words(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
