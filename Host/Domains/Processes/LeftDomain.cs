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
            return null;
        try
        {
            // The number may mean another process by now: a domain's process names its directory on its command line.
            string[] words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return words.Contains(directory, StringComparer.Ordinal) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
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
}
