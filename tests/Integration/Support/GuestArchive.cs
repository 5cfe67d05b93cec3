using System.Globalization;
using System.Text;

namespace Hospes.Integration.Support;

/// <summary>
/// Adds files to a guest's initrd: archives in a row are one to Linux (Documentation/driver-api/early-userspace/buffer-format.rst, form "newc"), each
/// begun at a multiple of four bytes.
/// </summary>
internal sealed class GuestArchive
{
    private const int Executable = 0x81ed; // -rwxr-xr-x
    private const int Directory = 0x41ed;  // drwxr-xr-x

    private readonly MemoryStream _archive = new();
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private int _inode = 200_000;

    /// <summary>Adds a file, executable, with the directories above it.</summary>
    public void Add(string path, byte[] content)
    {
        string name = path.TrimStart('/');
        for (int slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            if (_directories.Add(name[..slash]))
                Entry(name[..slash], Directory, []);
        }

        Entry(name, Executable, content);
    }

    /// <summary>Writes an initrd and what was added to it.</summary>
    public void Write(string path, string initrd)
    {
        Entry("TRAILER!!!", 0, []);
        using FileStream file = File.Create(path);
        using (FileStream first = File.OpenRead(initrd))
            first.CopyTo(file);
        file.Write(new byte[(4 - (file.Length % 4)) % 4]);
        _archive.WriteTo(file);
    }

    private void Entry(string name, int mode, byte[] content)
    {
        // inode, mode, uid, gid, links, time, size, device and special device, length of the name, checksum
        int[] fields = [_inode++, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        StringBuilder header = new("070701");
        foreach (int field in fields)
            header.Append(CultureInfo.InvariantCulture, $"{field:X8}");
        Padded(Encoding.ASCII.GetBytes($"{header}{name}\0"));
        Padded(content);
    }

    private void Padded(byte[] bytes)
    {
        _archive.Write(bytes);
        _archive.Write(new byte[(4 - (bytes.Length % 4)) % 4]);
    }
}
