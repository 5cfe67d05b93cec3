using System.Runtime.InteropServices;
using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders;

/// <summary>
/// A memory file for a kernel image as it is once it is unpacked. Whoever makes domains makes the file, empty; the first process that builds a domain from
/// that image fills it and seals it (fcntl(2), F_ADD_SEALS), so that nobody can change it any more; later ones read it instead of unpacking again.
/// </summary>
public static unsafe class UnpackedKernel
{
    /// <summary>Larger images are not kept.</summary>
    public const long MaximumBytes = 192L << 20;

    private const int PageSize = 4096;
    private const int ChunkSize = 256 * PageSize;

    /// <summary>An empty one.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static SafeFileHandle Create()
    {
        int fd = Libc.MemfdCreate("hospes-kernel", Libc.MfdCloexec | Libc.MfdAllowSealing);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Libc.Failure("cannot make a memory file for a kernel");
    }

    /// <summary>Whether it is filled, and sealed against every change.</summary>
    public static bool IsComplete(SafeFileHandle file)
    {
        int seals = Libc.Fcntl((int)file.DangerousGetHandle(), Libc.GetSeals, 0);
        return seals >= 0 && (seals & Libc.AllSeals) == Libc.AllSeals && RandomAccess.GetLength(file) is > 0 and <= MaximumBytes;
    }

    /// <summary>What it holds. The file stays the caller's.</summary>
    internal static ImageContents Open(SafeFileHandle file) => new SparseContents(file, RandomAccess.GetLength(file));

    /// <summary>Fills it and seals it. Pages of zeroes take no memory. What there is no room for stays unsealed, and so unused: nobody needs it.</summary>
    internal static void Fill(SafeFileHandle file, ImageContents contents)
    {
        if (contents.Length > MaximumBytes)
            return;
        byte* chunk = (byte*)NativeMemory.Alloc(ChunkSize); // not of the managed heap, which would keep it
        try
        {
            if (Libc.Ftruncate((int)file.DangerousGetHandle(), contents.Length) != 0)
                return;
            for (long offset = 0; offset < contents.Length; offset += ChunkSize)
            {
                Span<byte> bytes = new(chunk, (int)Math.Min(ChunkSize, contents.Length - offset));
                contents.Read(offset, bytes);
                WritePages(file, offset, bytes);
            }

            _ = Libc.Fcntl((int)file.DangerousGetHandle(), Libc.AddSeals, Libc.AllSeals);
        }
        catch (IOException)
        {
            // No memory for it: the domain that is being built does not need it.
        }
        finally
        {
            NativeMemory.Free(chunk);
        }
    }

    private static void WritePages(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes)
    {
        for (int start = 0; start < bytes.Length;)
        {
            int end = start;
            while (end < bytes.Length && bytes[end..Math.Min(end + PageSize, bytes.Length)].ContainsAnyExcept((byte)0))
                end = Math.Min(end + PageSize, bytes.Length);
            if (end > start)
                RandomAccess.Write(file, bytes[start..end], offset + start);
            start = end + PageSize;
        }
    }
}
