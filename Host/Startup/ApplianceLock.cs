using System.Globalization;
using System.Text;
using Hospes.Host.Native;

namespace Hospes.Host.Startup;

/// <summary>
/// Keeps a second appliance off the same root: a file locked for as long as the daemon runs. The lock belongs to the open file (F_OFD_SETLK,
/// fcntl(2)), so the kernel undoes it however the daemon ends, and others can ask after it without taking it. The file stays; its text is the
/// number of the process that locked it last.
/// </summary>
internal sealed unsafe class ApplianceLock : IDisposable
{
    private int _fd;

    private ApplianceLock(int fd) => _fd = fd;

    /// <summary>Takes the lock and writes our number into it.</summary>
    /// <exception cref="XendException">Another appliance has it; the message names its process.</exception>
    public static ApplianceLock Take(HostPaths paths)
    {
        int fd = Libc.Open(paths.LockFile, Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenCloseOnExec, 0x180);
        if (fd < 0)
            throw Libc.Failure($"cannot open the lock file {paths.LockFile}");
        FileLock whole = new() { Type = FileLock.Write };
        if (Libc.Fcntl(fd, Libc.SetOpenFileLock, &whole) != 0)
        {
            Libc.Close(fd);
            string pid = ReadPid(paths)?.ToString(CultureInfo.InvariantCulture) ?? "of unknown number";
            throw new XendException(
                XendError.Generic,
                $"xend is already running on the root {paths.Root} as process {pid} (it holds {paths.LockFile}). Stop it with 'xend stop', or choose another root with --root or HOSPES_ROOT.");
        }

        byte[] text = Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n");
        fixed (byte* bytes = text)
        {
            if (Libc.Ftruncate(fd, 0) != 0 || Libc.Pwrite(fd, bytes, (nuint)text.Length, 0) != text.Length)
            {
                IOException failure = Libc.Failure($"cannot write the lock file {paths.LockFile}");
                Libc.Close(fd);
                throw failure;
            }
        }

        return new ApplianceLock(fd);
    }

    /// <summary>The process of the appliance that runs on this root, or null when none does.</summary>
    public static int? FindOwner(HostPaths paths)
    {
        int fd = Libc.Open(paths.LockFile, Libc.OpenReadWrite | Libc.OpenCloseOnExec, 0);
        if (fd < 0)
            return null;
        FileLock whole = new() { Type = FileLock.Write };
        bool taken = Libc.Fcntl(fd, Libc.GetOpenFileLock, &whole) == 0 && whole.Type != FileLock.None;
        Libc.Close(fd);
        return taken ? ReadPid(paths) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int fd = Interlocked.Exchange(ref _fd, -1);
        if (fd >= 0)
            Libc.Close(fd);
    }

    private static int? ReadPid(HostPaths paths)
    {
        using FileStream file = new(paths.LockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(file);
        return int.TryParse(reader.ReadToEnd().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
    }
}
