using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>An image that is read from its file piece by piece.</summary>
internal sealed partial class FileContents : ImageContents
{
    // x86-64 Linux values of open(2) and errno(3).
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSuchEntry = 2;
    private const int NotADirectory = 20;

    private readonly SafeFileHandle _file;

    private FileContents(SafeFileHandle file, long length)
    {
        _file = file;
        Length = length;
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>Opens a regular file that is not empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="role">What it is to the domain, as the first words of a message: <c>Kernel image</c> or <c>Kernel ramdisk</c>.</param>
    /// <exception cref="DomainBuildException">It is missing, unreadable, empty, or no regular file.</exception>
    public static FileContents Open(string path, string role)
    {
        // Without O_NONBLOCK the open of a named pipe would wait for a writer, perhaps for ever.
        SafeFileHandle file = OpenNative(path, ReadOnly | NonBlocking | CloseOnExec);
        if (file.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw new DomainBuildException(error is NoSuchEntry or NotADirectory
                ? $"{role} does not exist: {path}"
                : $"{role} {path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        try
        {
            if (Directory.Exists(path))
                throw new DomainBuildException($"{role} {path} is a directory, not a file");
            long length = RandomAccess.GetLength(file);
            return length > 0 ? new FileContents(file, length) : throw new DomainBuildException($"{role} {path} is empty");
        }
        catch (NotSupportedException)
        {
            file.Dispose();
            throw new DomainBuildException($"{role} {path} is not a regular file");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        try
        {
            while (!destination.IsEmpty)
            {
                int count = RandomAccess.Read(_file, destination, offset);
                if (count == 0)
                    throw new ImageFaultException($"became shorter while it was read: it ends at byte {offset} and had {Length}");
                destination = destination[count..];
                offset += count;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ImageFaultException($"cannot be read: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenNative(string path, int flags);
}
