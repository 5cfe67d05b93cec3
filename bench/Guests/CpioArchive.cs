using System.Text;

namespace Hospes.Bench.Guests;

/// <summary>
/// One file as a cpio archive in the "newc" form. Behind an initrd it is unpacked over it: the kernel takes several archives in a row (Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst).
/// </summary>
internal static class CpioArchive
{
    private const int Executable = 0x81ed; // regular file, rwxr-xr-x
    private const int Alignment = 4;

    public static byte[] Of(string name, byte[] contents)
    {
        using MemoryStream archive = new();
        Entry(archive, name, Executable, contents);
        Entry(archive, "TRAILER!!!", 0, []);
        return archive.ToArray();
    }

    private static void Entry(MemoryStream archive, string name, int mode, byte[] contents)
    {
        int[] fields = [1, mode, 0, 0, 1, 0, contents.Length, 0, 0, 0, 0, name.Length + 1, 0];
        archive.Write(Encoding.ASCII.GetBytes($"070701{string.Concat(fields.Select(static field => field.ToString("X8")))}{name}\0"));
        Pad(archive);
        archive.Write(contents);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive)
    {
        while (archive.Length % Alignment != 0)
            archive.WriteByte(0);
    }
}
