using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Security.Acm.Resources;

/// <summary>
/// What a block device is, by what the kernel says of it below <c>/sys/dev/block</c>: a mapped device's uuid, a disk's world wide name or serial number, with a
/// partition's number; of a loop device the file behind it. A device that says nothing of itself is known by its number and the kernel's count of disks,
/// for as long as it stays; so is a loop device whose file has no name any more.
/// </summary>
internal static unsafe class DeviceIdentity
{
    private static readonly string[] Names = ["dm/uuid", "wwid", "device/wwid", "device/serial", "serial"];

    // LOOP_GET_STATUS64 and struct loop_info64 (Linux, include/uapi/linux/loop.h): u64 device @0, inode @8, offset @24, size limit @32
    private const nuint LoopGetStatus = 0x4c05;
    private const int LoopStatusBytes = 232;

    /// <summary>The identity of an opened device of a number.</summary>
    public static string Of(SafeFileHandle device, uint major, uint minor)
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

        if (Read(disk, "loop/backing_file") is { Length: > 0 } file && LoopFile(device, file) is { } behind)
            return $"block:loop:{behind}{partition}";
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

    // The kernel's name of the file leads to it, unless it was taken away or another lies there by now: what it says of its inode decides.
    private static string? LoopFile(SafeFileHandle device, string path)
    {
        byte* status = stackalloc byte[LoopStatusBytes];
        if (Libc.Control(device, LoopGetStatus, status) != 0)
            return null;
        ulong* words = (ulong*)status;
        using SafeFileHandle? file = ObjectProbe.Open(path);
        return file is not null && ObjectProbe.Inode(file) == words[1] && ObjectProbe.Look(file) is { } behind
            ? string.Create(CultureInfo.InvariantCulture, $"{behind.Place}:{words[3]}:{words[4]}")
            : null;
    }
}
