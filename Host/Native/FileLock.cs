using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary><c>struct flock</c>, fcntl(2), x86-64. All zero but the type: the whole file.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileLock
{
    /// <summary>F_WRLCK.</summary>
    public const short Write = 1;

    /// <summary>F_UNLCK: the answer that nobody holds a lock.</summary>
    public const short None = 2;

    /// <summary><c>l_type</c>.</summary>
    public short Type;

    /// <summary><c>l_whence</c>.</summary>
    public short Whence;

    /// <summary><c>l_start</c>.</summary>
    public long Start;

    /// <summary><c>l_len</c>.</summary>
    public long Length;

    /// <summary><c>l_pid</c>; 0 for locks of open files.</summary>
    public int Pid;
}
