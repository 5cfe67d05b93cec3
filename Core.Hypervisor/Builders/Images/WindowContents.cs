namespace Hospes.Hypervisor.Builders.Images;

/// <summary>A part of another image as an image of its own; owns the other one. For an uncompressed payload inside a bzImage.</summary>
internal sealed class WindowContents(ImageContents whole, long start, long length) : ImageContents
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        whole.Read(start + offset, destination);
    }

    /// <inheritdoc/>
    public override void Dispose() => whole.Dispose();
}
