using System.Buffers.Binary;
using System.Text;

namespace Hospes.Hypervisor.Builders.Images;

/// <summary>
/// Linux's x86 boot image: a real-mode part with a setup header, then the protected-mode part that carries the compressed kernel as a payload
/// (The Linux/x86 Boot Protocol, "The Real-Mode Kernel Header").
/// </summary>
/// <remarks>
/// Worked example, Debian's cloud kernel 6.1: setup_sects 39, so the protected-mode part begins at 40 * 512 = 0x5000; payload_offset 0x2cc, so the
/// payload is at 0x52cc; there stands 02 21 4c 18, an lz4 legacy frame; its last four bytes are the decompressed size.
/// </remarks>
internal sealed record BzImage
{
    private const int SetupSectors = 0x1f1;
    private const int BootFlag = 0x1fe;
    private const int Magic = 0x202;
    private const int Version = 0x206;
    private const int KernelVersion = 0x20e;
    private const int PayloadOffsetField = 0x248;
    private const int PayloadLengthField = 0x24c;
    private const int HeaderEnd = 0x250;
    private const int SectorSize = 512;

    /// <summary>Where the payload begins in the file.</summary>
    public required long PayloadStart { get; init; }

    /// <summary>How many bytes it has, the appended decompressed size included.</summary>
    public required long PayloadLength { get; init; }

    /// <summary>The version text that the kernel carries, such as <c>6.1.0-56-cloud-amd64</c>, or null.</summary>
    public required string? Release { get; init; }

    /// <summary>Parses the setup header; null when there is none.</summary>
    /// <exception cref="ImageFaultException">There is one, but its payload cannot be found.</exception>
    public static BzImage? TryParse(ImageContents contents)
    {
        byte[] header = contents.ReadStart(HeaderEnd);
        if (header.Length < Magic + 4 || !header.AsSpan(Magic, 4).SequenceEqual("HdrS"u8)
            || BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(BootFlag)) != 0xaa55)
            return null;
        if (header.Length < HeaderEnd)
            throw new ImageFaultException($"is truncated: a bzImage whose setup header is cut off at byte {header.Length}");
        int protocol = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(Version));
        if (protocol < 0x208)
            throw new ImageFaultException($"is a bzImage of boot protocol {protocol >> 8}.{protocol & 0xff:00}, which does not say where its payload is "
                + "(2.08, Linux 2.6.26, or later is needed; or give its vmlinux)");

        // Zero means four, for images older than the field.
        int sectors = header[SetupSectors] == 0 ? 4 : header[SetupSectors];
        long start = ((sectors + 1) * SectorSize) + (long)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(PayloadOffsetField));
        long length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(PayloadLengthField));
        if (length == 0)
            throw new ImageFaultException("is a bzImage without a payload");
        if (start + length > contents.Length)
            throw new ImageFaultException($"is truncated: a bzImage whose payload ends at byte {start + length}, and the file has {contents.Length}");
        return new BzImage
        {
            PayloadStart = start,
            PayloadLength = length,
            Release = ReadRelease(contents, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(KernelVersion))),
        };
    }

    private static string? ReadRelease(ImageContents contents, int offset)
    {
        long at = offset + SectorSize;
        if (offset == 0 || at >= contents.Length)
            return null;
        byte[] text = new byte[Math.Min(128, contents.Length - at)];
        contents.Read(at, text);
        int end = text.AsSpan().IndexOfAnyExceptInRange((byte)0x21, (byte)0x7e);
        return end > 0 ? Encoding.ASCII.GetString(text, 0, end) : null;
    }
}
