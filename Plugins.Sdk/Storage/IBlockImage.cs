namespace Hospes.Sdk.Storage;

/// <summary>
/// An open disk. Any thread, several calls at once; the caller has checked every range against <see cref="Length"/>. What is read after a write has
/// returned is what was written; what was written before a flush has returned is never lost.
/// </summary>
public interface IBlockImage : IDisposable
{
    /// <summary>Bytes; a multiple of 512.</summary>
    long Length { get; }

    /// <summary>Whether it can be written.</summary>
    bool IsWritable { get; }

    /// <summary>Reads the whole span.</summary>
    /// <exception cref="IOException">It cannot be read; the guest sees an I/O error, the message goes to the log.</exception>
    void Read(long offset, Span<byte> into);

    /// <summary>Writes the whole span.</summary>
    /// <exception cref="IOException">It cannot be written, in whole or in part; no other data has changed.</exception>
    void Write(long offset, ReadOnlySpan<byte> from);

    /// <summary>All that has been written is on the medium when this returns.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    void Flush();
}
