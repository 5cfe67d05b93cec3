using Hospes.Sdk.Storage;

namespace Hospes.Host.DomainProcess.Devices;

/// <summary>A drive without a medium: no sectors, so nothing can be read.</summary>
internal sealed class EmptyImage : IBlockImage
{
    public long Length => 0;

    public bool IsWritable => false;

    public void Read(long offset, Span<byte> into) => throw NoMedium();

    public void Write(long offset, ReadOnlySpan<byte> from) => throw NoMedium();

    public void Flush()
    {
        // Nothing was ever written.
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private static IOException NoMedium() => new("there is no medium in the drive");
}
