using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>What images of clusters have in common: requests are taken apart at the clusters' ends, and neighbours in the file are put together again.</summary>
/// <remarks>One lock guards all tables. <see cref="Map"/> does not wait for it: who holds it may be waiting for the medium.</remarks>
internal abstract class ClusteredImage : IBlockImage, IBlockMapping
{
    public abstract long Length { get; }

    public abstract bool IsWritable { get; }

    public int FlushDescriptor => -1;

    /// <summary>Bytes.</summary>
    protected abstract int ClusterSize { get; }

    /// <summary>Guards the tables.</summary>
    protected Lock Sync { get; } = new();

    public void Read(long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            int within = (int)(offset % ClusterSize);
            Span<byte> part = into[..Math.Min(into.Length, ClusterSize - within)];
            ReadPart(offset, within, part);
            into = into[part.Length..];
            offset += part.Length;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        while (!from.IsEmpty)
        {
            int within = (int)(offset % ClusterSize);
            ReadOnlySpan<byte> part = from[..Math.Min(from.Length, ClusterSize - within)];
            lock (Sync)
                WritePart(offset, within, part);
            from = from[part.Length..];
            offset += part.Length;
        }
    }

    public void Flush()
    {
        lock (Sync)
            FlushLocked();
    }

    public BlockExtent Map(long offset, long length, bool isWrite)
    {
        if (!Sync.TryEnter())
            return BlockExtent.Unknown;
        try
        {
            return MapLocked(offset, length, isWrite);
        }
        finally
        {
            Sync.Exit();
        }
    }

    public abstract void Dispose();

    /// <summary>Reads within a cluster. Takes the lock for the tables itself: data are read without it.</summary>
    protected abstract void ReadPart(long offset, int within, Span<byte> part);

    /// <summary>Writes within a cluster, under the lock.</summary>
    protected abstract void WritePart(long offset, int within, ReadOnlySpan<byte> part);

    /// <summary>Where a range within a cluster is, as far as that is known without reading; under the lock.</summary>
    protected abstract BlockExtent MapPart(long offset, long length, bool isWrite);

    /// <summary>Flushes, under the lock.</summary>
    protected abstract void FlushLocked();

    private BlockExtent MapLocked(long offset, long length, bool isWrite)
    {
        BlockExtent whole = BlockExtent.Unknown;
        long done = 0;
        while (done < length)
        {
            long at = offset + done;
            BlockExtent part = MapPart(at, Math.Min(length - done, ClusterSize - (at % ClusterSize)), isWrite);
            bool isFirst = done == 0;
            if (part.Kind == BlockExtentKind.Unknown || (!isFirst && (part.Kind != whole.Kind || part.Descriptor != whole.Descriptor
                || (part.Kind == BlockExtentKind.Data && part.Offset != whole.Offset + done))))
            {
                break;
            }

            done += part.Length;
            whole = (isFirst ? part : whole) with { Length = done };
            if (part.Length == 0)
                break;
        }

        return whole;
    }
}
