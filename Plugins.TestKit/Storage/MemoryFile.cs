using Hospes.Sdk.Storage;

namespace Hospes.TestKit.Storage;

/// <summary>A file in memory that remembers all that was done to it, and fails when told to.</summary>
public sealed class MemoryFile(string path = "/memory/disk", bool isWritable = true) : IBlockFile
{
    private const int PageSize = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, byte[]> _pages = [];
    private readonly List<FileEvent> _log = [];
    private long _length;

    /// <summary>Everything done so far, in order.</summary>
    public IReadOnlyList<FileEvent> Log
    {
        get
        {
            lock (_lock)
                return [.. _log];
        }
    }

    /// <summary>Asked before each change and each read with what it is; true: it fails as a broken medium does.</summary>
    public Func<string, bool>? Fails { get; set; }

    /// <summary>Bytes beyond which there is no room.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Times it was disposed.</summary>
    public int Disposals { get; private set; }

    /// <inheritdoc/>
    public string Path => path;

    /// <inheritdoc/>
    public bool IsWritable => isWritable;

    /// <inheritdoc/>
    public bool IsDevice => false;

    /// <inheritdoc/>
    public int Descriptor => -1;

    /// <inheritdoc/>
    public long Length
    {
        get
        {
            lock (_lock)
                return _length;
        }
    }

    /// <summary>A file to which these things were done.</summary>
    public static MemoryFile Replay(IEnumerable<FileEvent> events)
    {
        MemoryFile file = new();
        foreach (FileEvent item in events)
            file.Apply(item);
        return file;
    }

    /// <summary>A copy, without the memory of how it came to be.</summary>
    public MemoryFile Copy()
    {
        MemoryFile copy = new(path);
        lock (_lock)
        {
            foreach ((long page, byte[] bytes) in _pages)
                copy._pages[page] = [.. bytes];
            copy._length = _length;
        }

        return copy;
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> into)
    {
        if (Fails?.Invoke("read") == true)
            throw new IOException($"{path} cannot be read at byte {offset}: Input/output error");
        lock (_lock)
        {
            if (offset > _length - into.Length)
                throw new IOException($"{path} ends at byte {_length}, and more was to be there");
            Each(offset, into.Length, create: false, (page, at, within, count, destination) =>
            {
                if (page is null)
                    destination.Slice(at, count).Clear();
                else
                    page.AsSpan(within, count).CopyTo(destination[at..]);
            }, into);
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        Require("write", offset + from.Length);
        Do(new FileEvent(FileEventKind.Write, offset, from.ToArray(), from.Length));
    }

    /// <inheritdoc/>
    public void Flush()
    {
        Require("flush", 0);
        Do(new FileEvent(FileEventKind.Flush, 0, [], 0));
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        Require("set length", length);
        Do(new FileEvent(FileEventKind.SetLength, length, [], 0));
    }

    /// <inheritdoc/>
    public void Zero(long offset, long length)
    {
        Require("zero", offset + length);
        Do(new FileEvent(FileEventKind.Zero, offset, [], length));
    }

    /// <inheritdoc/>
    public void Dispose() => Disposals++;

    private void Require(string what, long end)
    {
        if (!isWritable)
            throw new IOException($"{path} is open for reading only");
        if (Fails?.Invoke(what) == true)
            throw new IOException($"{path}: {what}: Input/output error");
        if (end > Room)
            throw new IOException($"{path}: {what}: No space left on device");
    }

    private void Do(FileEvent item)
    {
        lock (_lock)
        {
            _log.Add(item);
            Apply(item);
        }
    }

    private void Apply(FileEvent item)
    {
        switch (item.Kind)
        {
            case FileEventKind.Write:
                Each(item.Offset, item.Bytes.Length, create: true, (page, at, within, count, _) => item.Bytes.AsSpan(at, count).CopyTo(page.AsSpan(within)), []);
                _length = Math.Max(_length, item.Offset + item.Bytes.Length);
                break;
            case FileEventKind.Zero:
                Clear(item.Offset, item.Length);
                _length = Math.Max(_length, item.Offset + item.Length);
                break;
            case FileEventKind.SetLength:
                if (item.Offset < _length)
                    Clear(item.Offset, _length - item.Offset);
                _length = item.Offset;
                break;
        }
    }

    private void Clear(long offset, long length)
    {
        foreach (long number in _pages.Keys.Where(number => number * PageSize < offset + length && (number + 1) * PageSize > offset).ToArray())
        {
            long start = Math.Max(offset, number * PageSize);
            long end = Math.Min(offset + length, (number + 1) * PageSize);
            _pages[number].AsSpan((int)(start % PageSize), (int)(end - start)).Clear();
        }
    }

    private void Each(long offset, int length, bool create, PageAction action, Span<byte> destination)
    {
        for (int at = 0; at < length;)
        {
            long number = (offset + at) / PageSize;
            int within = (int)((offset + at) % PageSize);
            int count = Math.Min(PageSize - within, length - at);
            if (!_pages.TryGetValue(number, out byte[]? page) && create)
                _pages[number] = page = new byte[PageSize];
            action(page, at, within, count, destination);
            at += count;
        }
    }

    private delegate void PageAction(byte[]? page, int at, int within, int count, Span<byte> destination);
}
