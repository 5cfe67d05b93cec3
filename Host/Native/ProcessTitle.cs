using System.Globalization;
using System.Text;

namespace Hospes.Host.Native;

/// <summary>
/// The command line that others see of this process (<c>/proc/PID/cmdline</c>), written anew in the place where the kernel put it (proc(5): arg_start and
/// arg_end of <c>/proc/PID/stat</c>). A domain's process is found by it, so one that becomes a domain's later must show it too.
/// </summary>
internal static unsafe class ProcessTitle
{
    private const int ArgumentsStart = 48; // fields of /proc/PID/stat, counted from 1
    private const int ArgumentsEnd = 49;
    private const int FieldsBeforeState = 2; // the number, and the name in brackets, which may hold anything

    /// <summary>Replaces the words from the <paramref name="verb"/> on. Words that there is no room for are cut off; false: not even the first ones fit.</summary>
    /// <param name="verb">The first word to go.</param>
    /// <param name="words">What comes in its place.</param>
    /// <param name="needed">How many of those must be there whole.</param>
    public static bool Replace(string verb, string[] words, int needed)
    {
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        ulong start = ulong.Parse(fields[ArgumentsStart - FieldsBeforeState - 1], CultureInfo.InvariantCulture);
        ulong end = ulong.Parse(fields[ArgumentsEnd - FieldsBeforeState - 1], CultureInfo.InvariantCulture);
        string[] present = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0');
        int at = Array.IndexOf(present, verb);
        if (start == 0 || end <= start || at < 0)
            return false;
        byte[] required = Encoding.UTF8.GetBytes(string.Concat(present[..at].Concat(words[..needed]).Select(static word => word + '\0')));
        byte[] more = Encoding.UTF8.GetBytes(string.Concat(words[needed..].Select(static word => word + '\0')));

        // The kernel's own count of the bytes there, which stay mapped and writable for the life of the process; the last one stays zero, which tells it
        // that the words have not grown into the environment.
        Span<byte> place = new((byte*)start, checked((int)(end - start)));
        if (required.Length > place.Length)
            return false;
        place.Clear();
        required.CopyTo(place);
        Span<byte> rest = place[required.Length..];
        if (!rest.IsEmpty)
            more.AsSpan(0, Math.Min(more.Length, rest.Length - 1)).CopyTo(rest);
        return true;
    }
}
