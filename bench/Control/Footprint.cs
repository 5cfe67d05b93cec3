using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Control;

/// <summary>What an appliance's daemon takes at a moment.</summary>
internal sealed record Footprint(double ResidentMiB, int Descriptors, int Threads, int Files, int StoreNodes)
{
    /// <summary>Looks.</summary>
    public static Footprint Of(Appliance appliance)
    {
        int pid = PidOf(appliance);
        using StoreProbe store = new(Path.Combine(appliance.Root, "var/run/xenstored/socket"));
        return new Footprint(
            Field(pid, "VmRSS:") / 1024.0,
            Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length,
            Field(pid, "Threads:"),
            Directory.EnumerateFileSystemEntries(Path.Combine(appliance.Root, "var"), "*", SearchOption.AllDirectories)
                .Count(static path => !path.Contains("/var/log/", StringComparison.Ordinal)),
            store.Count());
    }

    /// <summary>The daemon's process.</summary>
    public static int PidOf(Appliance appliance) =>
        int.Parse(File.ReadAllText(Path.Combine(appliance.Root, "var/run/xend.pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"memory={ResidentMiB:0.0}MiB descriptors={Descriptors} threads={Threads} files={Files} store-nodes={StoreNodes}");

    private static int Field(int pid, string name) => int.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
}
