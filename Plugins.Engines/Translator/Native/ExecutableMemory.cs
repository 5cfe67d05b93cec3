using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>Memory for machine code, mapped twice: writable at one address and executable at another, never both at one.</summary>
internal sealed unsafe partial class ExecutableMemory : IDisposable
{
    private const int ProtRead = 1;
    private const int ProtWrite = 2;
    private const int ProtExecute = 4;
    private const int MapShared = 1;
    private const int MapAnonymous = 0x20;
    private const int MayMove = 1;
    private const uint CloseOnExec = 1;
    private const int PunchHole = 2;
    private const int KeepSize = 1;

    private static readonly void* Failed = (void*)-1;

    private readonly int _file;
    private bool _disposed;

    private ExecutableMemory(int file, byte* writable, byte* executable, int length)
    {
        _file = file;
        Writable = writable;
        Executable = executable;
        Length = length;
    }

    /// <summary>Where to write.</summary>
    internal byte* Writable { get; }

    /// <summary>Where the same bytes can be executed.</summary>
    internal byte* Executable { get; }

    /// <summary>Bytes.</summary>
    internal int Length { get; }

    /// <summary>Maps so many bytes; null when the host refuses executable memory.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="isAnonymous">
    /// Without a file: Linux's perf looks a name up in its map only for memory that no file is behind (tools/perf/util/map.c), and a memfd is one to it.
    /// </param>
    internal static ExecutableMemory? TryCreate(int length, bool isAnonymous = false)
    {
        if (isAnonymous)
            return TryCreateAnonymous(length) ?? TryCreate(length);
        int file = MemfdCreate("hospes-code", CloseOnExec);
        if (file < 0)
            return null;
        if (Ftruncate(file, length) == 0)
        {
            void* writable = Mmap(null, (nuint)length, ProtRead | ProtWrite, MapShared, file, 0);
            void* executable = Mmap(null, (nuint)length, ProtRead | ProtExecute, MapShared, file, 0);
            if (writable != Failed && executable != Failed)
                return new ExecutableMemory(file, (byte*)writable, (byte*)executable, length);
            if (writable != Failed)
                Munmap(writable, (nuint)length);
            if (executable != Failed)
                Munmap(executable, (nuint)length);
        }

        Close(file);
        return null;
    }

    // Of a shared mapping, mremap with an old length of 0 makes a second one (mremap(2)).
    private static ExecutableMemory? TryCreateAnonymous(int length)
    {
        void* writable = Mmap(null, (nuint)length, ProtRead | ProtWrite, MapShared | MapAnonymous, -1, 0);
        if (writable == Failed)
            return null;
        void* executable = Mremap(writable, 0, (nuint)length, MayMove);
        if (executable != Failed)
        {
            if (Mprotect(executable, (nuint)length, ProtRead | ProtExecute) == 0)
                return new ExecutableMemory(-1, (byte*)writable, (byte*)executable, length);
            Munmap(executable, (nuint)length);
        }

        Munmap(writable, (nuint)length);
        return null;
    }

    /// <summary>Gives the memory of the bytes from <paramref name="start"/> on back to the host; they read as zero.</summary>
    internal void Discard(int start) => Fallocate(_file, PunchHole | KeepSize, start, Length - start);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Munmap(Writable, (nuint)Length);
        Munmap(Executable, (nuint)Length);
        if (_file >= 0)
            Close(_file);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial void* Mremap(void* address, nuint oldLength, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Ftruncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate")]
    private static partial int Fallocate(int file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
