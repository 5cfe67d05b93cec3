namespace Hospes.Storage.Formats;

/// <summary>What an entry of a table of clusters says.</summary>
/// <param name="Kind">Unknown: the cluster is the parent's.</param>
/// <param name="Offset">For data and compressed data: the place in the file.</param>
/// <param name="CompressedLength">Bytes of compressed data; 0: it is not compressed.</param>
internal readonly record struct ClusterPlace(Hospes.Sdk.Storage.BlockExtentKind Kind, long Offset, int CompressedLength);
