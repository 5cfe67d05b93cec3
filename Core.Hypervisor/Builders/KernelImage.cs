using Hospes.Hypervisor.Builders.Decompression;
using Hospes.Hypervisor.Builders.Elf;
using Hospes.Hypervisor.Builders.Images;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Builders;

/// <summary>
/// A kernel that can be started by the PVH entry: an ELF file, alone, compressed, or inside a bzImage. Holds the decompressed image, or the file open,
/// until it is disposed.
/// </summary>
public sealed class KernelImage : IDisposable
{
    /// <summary>The most that a kernel may have when decompressed, whatever the guest's size.</summary>
    public const long DefaultMaximumBytes = 512L << 20;

    // A compressed bzImage with a compressed payload is the deepest nesting that anyone makes.
    private const int MaximumLayers = 3;

    private KernelImage(string path, string description, ImageContents contents, ElfFile elf)
    {
        Path = path;
        Description = description;
        Contents = contents;
        Is64Bit = elf.Is64Bit;
        Segments = [.. LoadableSegments(elf)];
        Entry = new GuestPhysical(XenNote.FindPhys32Entry(elf.Notes));
        if (!Segments.Any(segment => Entry.Address >= segment.Address.Address && Entry.Address < segment.End.Address))
            throw new ImageFaultException($"has its PVH entry at {Entry}, outside of all that it loads");
    }

    /// <summary>The file it came from.</summary>
    public string Path { get; }

    /// <summary>What it is, for a log: <c>bzImage 6.1.0-18-amd64, xz, ELF64</c>.</summary>
    public string Description { get; }

    /// <summary>An ELF64 rather than an ELF32 file.</summary>
    public bool Is64Bit { get; }

    /// <summary>Where execution begins, in 32-bit mode without paging (fact sheet "Guest ABI", section 1.1).</summary>
    public GuestPhysical Entry { get; }

    /// <summary>What is to be loaded, by rising address, without overlaps.</summary>
    public IReadOnlyList<KernelSegment> Segments { get; }

    /// <summary>The address after the last byte of the last segment.</summary>
    public GuestPhysical End => Segments[^1].End;

    /// <summary>The decompressed image.</summary>
    internal ImageContents Contents { get; }

    /// <summary>Reads a kernel image and finds its PVH entry.</summary>
    /// <param name="path">A bzImage with any of Linux's compressions but lzo, an ELF file, or either compressed once more.</param>
    /// <param name="maximumBytes">When decompression gives more than this, it is stopped with an error.</param>
    /// <exception cref="DomainBuildException">The file is no such kernel; the message says what it is and what it lacks.</exception>
    public static KernelImage Load(string path, long maximumBytes = DefaultMaximumBytes) => Load(path, maximumBytes, borrow: null, unpacked: null);

    /// <summary>
    /// As the other; what is decompressed goes to the guest's own RAM while that is free, which <paramref name="borrow"/> lends. An
    /// <see cref="UnpackedKernel"/> is read instead of the file when it is complete, else filled.
    /// </summary>
    internal static KernelImage Load(string path, long maximumBytes, Func<BorrowedRam?>? borrow, SafeFileHandle? unpacked)
    {
        bool isUnpacked = unpacked is not null && UnpackedKernel.IsComplete(unpacked);
        ImageContents contents = isUnpacked ? UnpackedKernel.Open(unpacked!) : FileContents.Open(path, "Kernel image");
        try
        {
            List<string> layers = isUnpacked ? ["unpacked before"] : [];
            ElfFile elf = Unwrap(ref contents, layers, maximumBytes, borrow);
            layers.Add(elf.Is64Bit ? "ELF64" : "ELF32");
            if (contents is MemoryContents && unpacked is not null)
                UnpackedKernel.Fill(unpacked, contents);
            return new KernelImage(path, string.Join(", ", layers), contents, elf);
        }
        catch (ImageFaultException fault)
        {
            contents.Dispose();
            throw new DomainBuildException($"Kernel image {path} {fault.Message}", fault);
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Contents.Dispose();

    // Replaces the contents by what they wrap until an ELF file comes out. Whatever happens, the caller owns the contents it then has.
    private static ElfFile Unwrap(ref ImageContents contents, List<string> layers, long limit, Func<BorrowedRam?>? borrow)
    {
        for (int layer = 0; layer < MaximumLayers; layer++)
        {
            byte[] start = contents.ReadStart(KernelRecogniser.BytesNeeded);
            if (ElfFile.Recognises(start))
                return ElfFile.Parse(contents);
            if (BzImage.TryParse(contents) is { } image)
            {
                layers.Add(image.Release is null ? "bzImage" : $"bzImage {image.Release}");
                contents = Unpack(contents, image.PayloadStart, image.PayloadLength, layers, limit, borrow);
            }
            else if (CompressionMethods.Find(start) is not null)
            {
                contents = Unpack(contents, 0, contents.Length, layers, limit, borrow);
            }
            else
            {
                throw new ImageFaultException(layers.Count == 0
                    ? KernelRecogniser.Describe(start)
                    : $"({string.Join(", ", layers)}) has something else than a kernel inside, which {KernelRecogniser.Describe(start)}");
            }
        }

        throw new ImageFaultException($"is wrapped too often: {string.Join(", ", layers)}");
    }

    private static ImageContents Unpack(ImageContents contents, long start, long length, List<string> layers, long limit, Func<BorrowedRam?>? borrow)
    {
        byte[] head = new byte[Math.Min(CompressionMethods.BytesNeeded, length)];
        contents.Read(start, head);
        if (CompressionMethods.Find(head) is not { } method)
            return new WindowContents(contents, start, length);
        layers.Add(method.Name);
        MemoryContents unpacked = CompressionMethods.Decompress(method, contents, start, length, limit, contents is FileContents ? borrow?.Invoke() : null);
        contents.Dispose();
        return unpacked;
    }

    private static List<KernelSegment> LoadableSegments(ElfFile elf)
    {
        List<KernelSegment> segments = [];
        foreach (ElfSegment segment in elf.Segments)
        {
            if (segment.Type != ElfSegment.Load || segment.MemorySize == 0)
                continue;
            if (segment.FileSize > segment.MemorySize)
                throw new ImageFaultException($"is a damaged ELF file: a segment at 0x{segment.PhysicalAddress:x} has more bytes in the file than in memory");
            if (segment.MemorySize > ulong.MaxValue - segment.PhysicalAddress)
                throw new ImageFaultException($"is a damaged ELF file: a segment at 0x{segment.PhysicalAddress:x} goes beyond all addresses");
            segments.Add(new KernelSegment(new GuestPhysical(segment.PhysicalAddress), segment.MemorySize, (long)segment.Offset, segment.FileSize));
        }

        if (segments.Count == 0)
            throw new ImageFaultException("has nothing to load: no segment of type PT_LOAD");
        segments.Sort(static (left, right) => left.Address.Address.CompareTo(right.Address.Address));
        for (int next = 1; next < segments.Count; next++)
        {
            if (segments[next - 1].End.Address > segments[next].Address.Address)
                throw new ImageFaultException($"has segments that overlap: {segments[next - 1].Address} to {segments[next - 1].End} "
                    + $"and {segments[next].Address} to {segments[next].End}");
        }

        return segments;
    }
}
