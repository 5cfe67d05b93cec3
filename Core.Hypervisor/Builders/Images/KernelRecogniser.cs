using System.Buffers.Binary;
using System.Text;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>Says what a file is that is no kernel for this machine, so that the person sees at once which file they named.</summary>
internal static class KernelRecogniser
{
    /// <summary>How many bytes of the file <see cref="Describe"/> wants to see.</summary>
    public const int BytesNeeded = 0x210;

    // Offset, bytes found there, and what the file then is. Sources: Documentation/arch/*/booting.rst of Linux, cpio(5), file formats' own pages.
    private static readonly (int Offset, byte[] Bytes, string What)[] Known =
    [
        (0x38, "ARM\x64"u8.ToArray(), "is a 64-bit AArch64 kernel; this machine runs x86 guests"),
        (0x24, [0x18, 0x28, 0x6f, 0x01], "is a 32-bit ARM kernel (zImage); this machine runs x86 guests"),
        (0x38, "RSC\x05"u8.ToArray(), "is a RISC-V kernel; this machine runs x86 guests"),
        (0, [0x27, 0x05, 0x19, 0x56], "is a U-Boot image, not an x86 kernel"),
        (4, "zimg"u8.ToArray(), "is a compressed EFI kernel (zboot), not an x86 bzImage"),
        (0, "MZ"u8.ToArray(), "is an EFI or DOS program without a Linux setup header, not a kernel"),
        (0, "070701"u8.ToArray(), "is not a kernel: it is a cpio archive, as an initial ramdisk is"),
        (0, "070702"u8.ToArray(), "is not a kernel: it is a cpio archive, as an initial ramdisk is"),
        (0, "QFI\xfb"u8.ToArray(), "is not a kernel: it is a qcow disk image"),
        (0, [0x89, 0x4c, 0x5a, 0x4f], "is compressed with lzo, which cannot be read here; recompress it with gzip or xz"),
        (0, [0x04, 0x22, 0x4d, 0x18], "is compressed with lz4 in a frame that Linux does not use; recompress it with lz4 -l"),
        (0, "!<arch>\n"u8.ToArray(), "is not a kernel: it is an ar archive (a .deb package or a static library)"),
        (0x101, "ustar"u8.ToArray(), "is not a kernel: it is a tar archive"),
        (0x1fe, [0x55, 0xaa], "is not a kernel: it is a boot sector or a disk image"),
    ];

    /// <summary>The reason why <paramref name="start"/>, the first bytes of a file, is no kernel image.</summary>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        foreach ((int offset, byte[] bytes, string what) in Known)
        {
            if (start.Length >= offset + bytes.Length && start.Slice(offset, bytes.Length).SequenceEqual(bytes))
                return what;
        }

        if (start.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(start) == 0x2321)
            return $"is not a kernel: it is a script that starts with {FirstLine(start)}";
        return IsText(start)
            ? $"is not a kernel: it is text that starts with \"{FirstLine(start)}\""
            : $"is not a kernel: it starts with {Convert.ToHexStringLower(start[..Math.Min(8, start.Length)])} "
                + "(neither an ELF file, nor a bzImage, nor one of these compressed)";
    }

    private static bool IsText(ReadOnlySpan<byte> start)
    {
        foreach (byte value in start)
        {
            if (value is (< 0x20 and not (byte)'\n' and not (byte)'\r' and not (byte)'\t') or >= 0x7f)
                return false;
        }

        return true;
    }

    private static string FirstLine(ReadOnlySpan<byte> start)
    {
        int end = start.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e);
        return Encoding.ASCII.GetString(start[..Math.Min(end < 0 ? start.Length : end, 40)]);
    }
}
