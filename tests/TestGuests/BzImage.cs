using System.Buffers.Binary;
using System.Text;

namespace Hospes.TestGuests;

/// <summary>Wraps a kernel as Linux's x86 boot image (The Linux/x86 Boot Protocol, "The Real-Mode Kernel Header"): setup header, then the payload.</summary>
public static class BzImage
{
    private const int SectorSize = 512;
    private const int SetupSectors = 2;
    private const int PayloadOffset = 0x40;

    /// <summary>A bzImage with <paramref name="payload"/> (an ELF file, compressed or not) in it.</summary>
    /// <param name="payload">What goes in.</param>
    /// <param name="decompressedSize">Appended to the payload as Linux's build does for every compression but gzip; null for none.</param>
    /// <param name="protocol">Version of the boot protocol, 0x20f for Linux 5 and 6.</param>
    /// <param name="release">The version text it carries.</param>
    public static byte[] Wrap(ReadOnlySpan<byte> payload, uint? decompressedSize = null, ushort protocol = 0x20f, string release = "6.1.0-test")
    {
        const int payloadStart = ((SetupSectors + 1) * SectorSize) + PayloadOffset;
        int length = payload.Length + (decompressedSize is null ? 0 : 4);
        byte[] image = new byte[payloadStart + length];
        image[0x1f1] = SetupSectors;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x1fe), 0xaa55);
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), protocol);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20e), 0x100); // kernel_version, without the first sector
        Encoding.ASCII.GetBytes($"{release} (tests) #1").CopyTo(image, SectorSize + 0x100);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(0x248), PayloadOffset);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(0x24c), length);
        payload.CopyTo(image.AsSpan(payloadStart));
        if (decompressedSize is { } size)
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(image.Length - 4), size);
        return image;
    }
}
