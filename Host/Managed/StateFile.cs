using System.Text;
using Hospes.Host.Native;

namespace Hospes.Host.Managed;

/// <summary>
/// Files that must be whole whenever one looks, after a power cut too: written beside themselves, brought to the disk, then put in their place by a
/// rename, which is also brought to the disk.
/// </summary>
internal static class StateFile
{
    private const string NewSuffix = ".new";

    /// <summary>Writes a file.</summary>
    /// <exception cref="IOException">It cannot be written; what was there before is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not writable.</exception>
    public static void Write(string path, string text)
    {
        string written = path + NewSuffix;
        try
        {
            using (FileStream file = new(written, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(written, path, overwrite: true);
        }
        catch
        {
            File.Delete(written);
            throw;
        }

        SynchronizeDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Brings what was renamed or made in a directory to the disk.</summary>
    public static void SynchronizeDirectory(string directory)
    {
        int descriptor = Libc.Open(directory, Libc.OpenCloseOnExec, 0);
        if (descriptor < 0)
            return;

        // Some file systems refuse it for directories; there the rename is as safe as they make it.
        _ = Libc.Fsync(descriptor);
        Libc.Close(descriptor);
    }
}
