using System.Runtime.CompilerServices;

namespace Hospes.Host.Native;

/// <summary>Which file a path means and how it is: equal as long as nobody puts another in its place, writes to it, or gives it other attributes.</summary>
/// <param name="Device">The file system, as major number in the upper half and minor number in the lower.</param>
/// <param name="Inode">The file on it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it was written last: nanoseconds since 1970, or what remains of that after an overflow.</param>
/// <param name="Changed">When it was changed last in any way, which nobody can set back; as <paramref name="Modified"/>.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, ulong Size, long Modified, long Changed)
{
    // struct statx (statx(2)).
    private const int StatxBytes = 256;
    private const int InodeAt = 32;
    private const int SizeAt = 40;
    private const int ChangedAt = 96;
    private const int ModifiedAt = 112;
    private const int MajorAt = 136;
    private const int MinorAt = 140;
    private const uint BasicFields = 0x7ff;

    /// <summary>That of the file at a path; null when there is none, or it cannot be looked at.</summary>
    public static unsafe FileIdentity? Of(string path)
    {
        byte* status = stackalloc byte[StatxBytes];
        if (Libc.Statx(Libc.CurrentDirectory, path, 0, BasicFields, status) != 0)
            return null;
        ulong device = ((ulong)Unsafe.ReadUnaligned<uint>(status + MajorAt) << 32) | Unsafe.ReadUnaligned<uint>(status + MinorAt);
        return new FileIdentity(
            device, Unsafe.ReadUnaligned<ulong>(status + InodeAt), Unsafe.ReadUnaligned<ulong>(status + SizeAt), Time(status + ModifiedAt), Time(status + ChangedAt));
    }

    // struct statx_timestamp: seconds (s64), then nanoseconds (u32).
    private static unsafe long Time(byte* at) => unchecked((Unsafe.ReadUnaligned<long>(at) * 1_000_000_000) + Unsafe.ReadUnaligned<uint>(at + 8));
}
