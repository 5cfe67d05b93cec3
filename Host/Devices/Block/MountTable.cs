using System.Text.RegularExpressions;

namespace Hospes.Host.Devices.Block;

/// <summary>What this machine has mounted itself (proc(5), mountinfo), and which files its loop devices show.</summary>
internal sealed partial class MountTable(string proc = "/proc", string sys = "/sys")
{
    /// <summary>How a block device is mounted; null: not at all.</summary>
    /// <param name="device">Its number: <c>8:1</c>.</param>
    public DiskMode? Find(string device)
    {
        DiskMode? found = null;
        foreach (string line in File.ReadLines(Path.Combine(proc, "self/mountinfo")))
        {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            string[] words = line.Split(' ');
            if (words.Length < 10 || words[2] != device)
                continue;
            string options = words[^1];
            found = options.Split(',').Contains("rw", StringComparer.Ordinal) || found == DiskMode.Write ? DiskMode.Write : DiskMode.Read;
        }

        return found;
    }

    /// <summary>Loop devices that show a file: their names and numbers.</summary>
    public IEnumerable<(string Name, string Device)> Loops(string path)
    {
        string blocks = Path.Combine(sys, "block");
        if (!Directory.Exists(blocks))
            yield break;
        foreach (string directory in Directory.EnumerateDirectories(blocks, "loop*"))
        {
            string backing = Path.Combine(directory, "loop/backing_file");
            if (File.Exists(backing) && Unescape(File.ReadAllText(backing).TrimEnd('\n')) == path)
                yield return ($"/dev/{Path.GetFileName(directory)}", File.ReadAllText(Path.Combine(directory, "dev")).Trim());
        }
    }

    private static string Unescape(string text) =>
        Octal().Replace(text, static match => ((char)Convert.ToInt32(match.Groups["digits"].Value, 8)).ToString());

    [GeneratedRegex(@"\\(?<digits>[0-7]{3})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Octal();
}
