using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hospes.Consoles.Socket;

/// <summary>What kind of thing a path names, which .NET does not tell for sockets.</summary>
internal static unsafe partial class FileKind
{
    // statx(2), inode(7), linux/stat.h: stx_mode is the 16-bit field at offset 28 of a 256-byte structure.
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint WantType = 1;
    private const int StructureSize = 256;
    private const int ModeOffset = 28;
    private const int KindMask = 0xf000;
    private const int KindSocket = 0xc000;

    /// <summary>True for a socket; null when nothing has this name.</summary>
    internal static bool? IsSocket(string path)
    {
        byte* buffer = stackalloc byte[StructureSize];
        // The kernel writes at most StructureSize bytes into the buffer, which lives until this method returns.
        if (Statx(CurrentDirectory, path, NoFollow, WantType, buffer) != 0)
            return null;
        return (BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(buffer + ModeOffset, sizeof(ushort))) & KindMask) == KindSocket;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);
}
