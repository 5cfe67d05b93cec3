using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Hospes.Sdk.Security;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Security.Acm.Resources;

/// <summary>
/// Looks at files and block devices through an open descriptor, so that what is looked at is what will be used. The mark is a trusted attribute, which only
/// the machine's administrator can write, and where that is not allowed to us, a user's.
/// </summary>
internal static unsafe class ObjectProbe
{
    private const int StatxBytes = 256;
    private const int MarkBytes = 16;
    private const int NoAttribute = 61; // ENODATA
    private const int TypeMask = 0xf000;
    private const int TypeDevice = 0x6000;
    private const int TypeRegular = 0x8000;
    private static readonly string[] Attributes = ["trusted.hospes.label", "user.hospes.label"];

    /// <summary>Opens a path for looking at it; null: there is nothing.</summary>
    /// <exception cref="SecurityPolicyException">There is something that cannot be opened.</exception>
    public static SafeFileHandle? Open(string path)
    {
        int fd = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenNonblock | Libc.OpenCloseOnExec, 0);
        if (fd >= 0)
            return new SafeFileHandle(fd, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        return error is 2 or 20 ? null : throw new SecurityPolicyException($"Error accessing resource {path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>What an object is; null: neither a file nor a block device.</summary>
    public static ObjectIdentity? Look(SafeFileHandle handle)
    {
        byte* status = stackalloc byte[StatxBytes];
        Status(handle, status);

        // struct statx: u16 mode @28, u64 inode @32, birth seconds @80 and nanoseconds @88, u32 rdev @128 and @132, u32 dev @136 and @140
        uint* words = (uint*)status;
        switch (*(ushort*)(status + 28) & TypeMask)
        {
            case TypeDevice:
                return new ObjectIdentity(DeviceIdentity.Of(handle, words[32], words[33]), "", null);
            case TypeRegular:
            {
                string place = string.Create(CultureInfo.InvariantCulture, $"file:{*(ulong*)(status + 32)}:{*(long*)(status + 80)}.{words[22]}");
                return new ObjectIdentity(place, string.Create(CultureInfo.InvariantCulture, $"{words[34]}:{words[35]}"), Mark(handle));
            }

            default:
                return null;
        }
    }

    /// <summary>An object's inode.</summary>
    public static ulong Inode(SafeFileHandle handle)
    {
        byte* status = stackalloc byte[StatxBytes];
        Status(handle, status);
        return *(ulong*)(status + 32);
    }

    /// <summary>Writes a new mark to a file; null: its file system takes none.</summary>
    public static string? WriteMark(SafeFileHandle handle)
    {
        string mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MarkBytes));
        ClearMark(handle);
        fixed (byte* value = Encoding.ASCII.GetBytes(mark))
        {
            foreach (string name in Attributes)
            {
                if (Libc.SetAttribute(handle, name, value, MarkBytes * 2, 0) == 0)
                    return mark;
            }
        }

        return null;
    }

    /// <summary>Takes the mark of a file away.</summary>
    public static void ClearMark(SafeFileHandle handle)
    {
        foreach (string name in Attributes)
            _ = Libc.RemoveAttribute(handle, name); // as a rule there is none
    }

    private static void Status(SafeFileHandle handle, byte* status)
    {
        if (Libc.Statx(handle, "", Libc.EmptyPath, Libc.StatxBasicAndBirth, status) != 0)
            throw new SecurityPolicyException($"Error accessing resource: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    private static string? Mark(SafeFileHandle handle)
    {
        byte* value = stackalloc byte[MarkBytes * 2];
        foreach (string name in Attributes)
        {
            nint length = Libc.GetAttribute(handle, name, value, MarkBytes * 2);
            if (length > 0)
                return Encoding.ASCII.GetString(value, (int)length);
            if (length < 0 && Marshal.GetLastPInvokeError() != NoAttribute)
                continue; // not supported, not permitted, or too long to be ours
        }

        return null;
    }
}
