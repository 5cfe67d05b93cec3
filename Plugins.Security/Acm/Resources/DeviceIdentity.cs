using System.Globalization;

namespace Hospes.Security.Acm.Resources;

/// <summary>
/// What a block device is, by what the kernel says of it below <c>/sys/dev/block</c>: a mapped device's uuid, a disk's world wide name or serial number, with a
/// partition's number; of a loop device the file behind it. A device that says nothing of itself is known by its number and the kernel's count of disks,
/// for as long as it stays.
/// </summary>
internal static class DeviceIdentity
{
    private static readonly string[] Names = ["dm/uuid", "wwid", "device/wwid", "device/serial", "serial"];

    /// <summary>The identity of the device of a number.</summary>
    public static string Of(uint major, uint minor)
    {
        string number = string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
        string directory = Path.Combine("/sys/dev/block", number);
        string partition = Read(directory, "partition") is { } part ? $":{part}" : "";
        string disk = partition.Length > 0 ? Path.Combine(directory, "..") : directory;
        foreach (string name in Names)
        {
            if (Read(disk, name) is { Length: > 0 } said)
                return $"block:{name}:{said}{partition}";
        }

        if (Read(disk, "loop/backing_file") is { Length: > 0 } file && ObjectProbe.Open(file) is { } handle)
        {
            using (handle)
            {
                if (ObjectProbe.Look(handle) is { } behind)
                    return $"block:loop:{behind.Place}:{Read(disk, "loop/offset")}{partition}";
            }
        }

        return $"block:{number}:{Read(disk, "diskseq")}{partition}";
    }

    private static string? Read(string directory, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, name)).Trim();
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
