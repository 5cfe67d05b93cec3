namespace Hospes.Sdk.Storage;

/// <summary>An open file or block device. Any thread; several calls at once. Offsets and lengths in bytes.</summary>
public interface IBlockFile : IDisposable
{
    /// <summary>Its path, for messages.</summary>
    string Path { get; }

    /// <summary>Its length now.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    long Length { get; }

    /// <summary>Whether it is open for writing.</summary>
    bool IsWritable { get; }

    /// <summary>Whether it is a block device, whose length is what it is.</summary>
    bool IsDevice { get; }

    /// <summary>The kernel's descriptor, for transfers that go straight to guest memory; -1 when this is no file of the kernel's.</summary>
    int Descriptor { get; }

    /// <summary>Reads the whole span. What lies beyond the end is an error, not zeroes.</summary>
    /// <exception cref="IOException">It cannot be read; the message names the file, the place and the system's reason.</exception>
    void Read(long offset, Span<byte> into);

    /// <summary>Writes the whole span; the file grows as needed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    void Write(long offset, ReadOnlySpan<byte> from);

    /// <summary>What has been written is on the medium when this returns.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    void Flush();

    /// <summary>Makes it longer, reading as zeroes, or shorter.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    void SetLength(long length);

    /// <summary>The range reads as zeroes from now on, and takes no room where the system can do that.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    void Zero(long offset, long length);
}
