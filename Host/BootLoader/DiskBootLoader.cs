using System.Text;
using Hospes.Sdk.Storage;

namespace Hospes.Host.BootLoader;

/// <summary>Finds the kernel that a disk would boot, as GRUB would, without mounting anything (fact sheet "Domain configuration", section 8).</summary>
internal static class DiskBootLoader
{
    private const long MostKernel = 256 << 20;
    private const long MostRamdisk = 1L << 30;
    private const long MostMenu = 1 << 20;

    private static readonly string[] Menus =
    [
        "/boot/grub/grub.cfg", "/grub/grub.cfg", "/boot/grub2/grub.cfg", "/grub2/grub.cfg",
        "/boot/grub/menu.lst", "/boot/grub/grub.conf", "/grub/menu.lst", "/grub/grub.conf",
    ];

    /// <summary>Reads the kernel.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="entry">The number or title of a menu's entry; null: its default.</param>
    /// <exception cref="IOException">There is none that can be read; the message says what was looked at.</exception>
    public static BootFiles Load(IBlockImage disk, string? entry)
    {
        List<string> looked = [];
        int part = 0;
        foreach (DiskSlice slice in PartitionTable.Slices(disk))
        {
            string name = part++ == 0 ? "the whole disk" : $"partition {part - 1}";
            try
            {
                ExtFileSystem? files = ExtFileSystem.TryOpen(slice);
                if (files is null)
                {
                    looked.Add($"{name}: no ext2, ext3 or ext4");
                    continue;
                }

                if (LoadFrom(files, entry) is { } found)
                    return found;
                looked.Add($"{name}: no GRUB menu and no /vmlinuz");
            }
            catch (Exception damaged) when (damaged is IOException or OverflowException or ArgumentOutOfRangeException)
            {
                looked.Add($"{name}: {damaged.Message}");
            }
        }

        throw new IOException($"Boot loader didn't return any data! It looked at {string.Join("; ", looked)}.");
    }

    private static BootFiles? LoadFrom(ExtFileSystem files, string? wanted)
    {
        foreach (string menu in Menus)
        {
            if (files.ReadFile(menu, MostMenu) is not { } text || GrubConfig.Parse(Encoding.UTF8.GetString(text)).Choose(wanted) is not { } entry)
                continue;
            byte[] kernel = files.ReadFile(entry.Kernel, MostKernel)
                ?? throw new IOException($"{menu} names the kernel {entry.Kernel}, which is not there");
            byte[]? ramdisk = entry.Ramdisk is null ? null : files.ReadFile(entry.Ramdisk, MostRamdisk)
                ?? throw new IOException($"{menu} names the ramdisk {entry.Ramdisk}, which is not there");
            return new BootFiles(kernel, ramdisk, entry.Arguments, entry.Title);
        }

        // Debian keeps links to the newest kernel where there is no menu too.
        return files.ReadFile("/vmlinuz", MostKernel) is { } plain
            ? new BootFiles(plain, files.ReadFile("/initrd.img", MostRamdisk), "", "/vmlinuz")
            : null;
    }
}
