namespace Hospes.Host.State;

/// <summary>A file that is being written.</summary>
internal interface IStateFile : IDisposable
{
    /// <summary>Writes at a place. What another process reads afterwards has it, also when this one is killed; a power cut may still take it away.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Waits until what was written is on the medium.</summary>
    void Sync();
}
