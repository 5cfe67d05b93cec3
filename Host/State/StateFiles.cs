using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.State;

/// <summary>The real file system.</summary>
internal sealed class StateFiles : IStateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IStateFile Create(string path) => new OpenFile(new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = OwnerOnly,
    }));

    /// <inheritdoc/>
    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        int fd = Libc.Open(directory, Libc.OpenCloseOnExec, 0);
        if (fd < 0)
            throw Libc.Failure($"cannot open the directory {directory}");
        using SafeFileHandle handle = new(fd, ownsHandle: true);
        if (Libc.Fsync(fd) != 0)
            throw Libc.Failure($"cannot bring the directory {directory} to its medium");
    }

    private sealed class OpenFile(FileStream stream) : IStateFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(stream.SafeFileHandle, bytes, offset);

        public void Sync() => RandomAccess.FlushToDisk(stream.SafeFileHandle);

        public void Dispose() => stream.Dispose();
    }
}
