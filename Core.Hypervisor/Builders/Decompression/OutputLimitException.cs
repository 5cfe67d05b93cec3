namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>Decompressed data is larger than whoever asked for it allows.</summary>
/// <param name="limit">How many bytes are allowed.</param>
internal sealed class OutputLimitException(long limit) : Exception($"more than {limit} bytes")
{
    /// <summary>How many bytes are allowed.</summary>
    public long Limit => limit;
}
