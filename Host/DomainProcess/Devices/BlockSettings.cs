using System.Globalization;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>What the Host tells a domain's process about a disk, beside the open files.</summary>
internal sealed record BlockSettings
{
    /// <summary>The driver's name; empty: a drive without a medium.</summary>
    public required string Driver { get; init; }

    /// <summary>The guest may write.</summary>
    public required bool IsWritable { get; init; }

    /// <summary>It is a CD-ROM drive.</summary>
    public bool IsCdrom { get; init; }

    /// <summary>Rings that the guest may use.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>The medium's own unit, bytes.</summary>
    public int PhysicalSectorSize { get; init; } = 512;

    /// <summary>The guest may keep its pages granted.</summary>
    public bool OffersPersistentGrants { get; init; }

    /// <summary>Paths of the files, in the order of the descriptors.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Which of them are open for writing.</summary>
    public IReadOnlyList<bool> IsFileWritable { get; init; } = [];

    /// <summary>From what came over the control channel.</summary>
    public static BlockSettings Read(IReadOnlyDictionary<string, string> settings)
    {
        int files = int.Parse(settings["files"], CultureInfo.InvariantCulture);
        return new BlockSettings
        {
            Driver = settings["driver"],
            IsWritable = settings["writable"] == "1",
            IsCdrom = settings["cdrom"] == "1",
            Queues = int.Parse(settings["queues"], CultureInfo.InvariantCulture),
            PhysicalSectorSize = int.Parse(settings["physical"], CultureInfo.InvariantCulture),
            OffersPersistentGrants = settings["persistent"] == "1",
            Paths = [.. Enumerable.Range(0, files).Select(file => settings[$"path-{file}"])],
            IsFileWritable = [.. Enumerable.Range(0, files).Select(file => settings[$"writable-{file}"] == "1")],
        };
    }

    /// <summary>For the control channel.</summary>
    public Dictionary<string, string> Write()
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["driver"] = Driver,
            ["writable"] = IsWritable ? "1" : "0",
            ["cdrom"] = IsCdrom ? "1" : "0",
            ["queues"] = Queues.ToString(CultureInfo.InvariantCulture),
            ["physical"] = PhysicalSectorSize.ToString(CultureInfo.InvariantCulture),
            ["persistent"] = OffersPersistentGrants ? "1" : "0",
            ["files"] = Paths.Count.ToString(CultureInfo.InvariantCulture),
        };
        for (int file = 0; file < Paths.Count; file++)
        {
            settings[$"path-{file}"] = Paths[file];
            settings[$"writable-{file}"] = IsFileWritable[file] ? "1" : "0";
        }

        return settings;
    }
}
