using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Decode;

/// <summary>Native memory handed out upwards and emptied as a whole. Grows by chunks up to a bound.</summary>
internal sealed unsafe class BlockArena(long capacity) : IDisposable
{
    private const int ChunkSize = 1 << 20;
    private readonly List<nint> _chunks = [];
    private int _chunk = -1;
    private int _used = ChunkSize;

    /// <summary>Bytes obtained from the host.</summary>
    internal long Reserved => (long)_chunks.Count * ChunkSize;

    /// <summary>No further chunk may be had: the owner empties the arena at the next chance.</summary>
    internal bool IsFull => _chunk + 1 >= capacity / ChunkSize && _used > ChunkSize - (64 << 10);

    /// <summary>Zeroed memory, 16-byte aligned. At most one chunk.</summary>
    internal void* Allocate(int size)
    {
        size = (size + 15) & ~15;
        if (_used + size > ChunkSize)
        {
            _chunk++;
            if (_chunk == _chunks.Count)
                _chunks.Add((nint)NativeMemory.AlignedAlloc(ChunkSize, 64));
            _used = 0;
        }

        void* result = (byte*)_chunks[_chunk] + _used;
        _used += size;
        NativeMemory.Clear(result, (nuint)size);
        return result;
    }

    /// <summary>Forgets everything; the chunks stay for reuse.</summary>
    internal void Clear()
    {
        _chunk = -1;
        _used = ChunkSize;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint chunk in _chunks)
            NativeMemory.AlignedFree((void*)chunk);
        _chunks.Clear();
    }
}
