using System.Globalization;

namespace Hospes.Host.Domains.Processes;

/// <summary>What a domain's directory says about its process when the Host that started it is no more.</summary>
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
}
