using System.IO.MemoryMappedFiles;
using System.Text;

namespace Hospes.Host.Logging;

/// <summary>
/// The hypervisor's message buffer that <c>xm dmesg</c> shows: the latest bytes, the oldest overwritten (fact sheet "Build and boot options",
/// section 4: 16384 bytes). A guest's messages come in here, so control characters other than line ends are made visible.
/// </summary>
/// <remarks>
/// In a mapped file it outlives the daemon, as the hypervisor's outlives xend: u64 mark, i64 bytes written so far, i64 of these cleared, then the bytes.
/// </remarks>
internal sealed class HypervisorRing : IDisposable
{
    /// <summary>How many bytes are kept.</summary>
    public const int Capacity = 16384;

    private const ulong Mark = 0x3147534d_534f4850; // "PHOSMSG1", little-endian
    private const int WrittenAt = 8;
    private const int ClearedAt = 16;
    private const int BytesAt = 24;

    private readonly Lock _lock = new();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private long _written;
    private long _cleared;
    private bool _isClosed;

    /// <summary>An empty buffer, or the one that an earlier daemon has left in a file.</summary>
    /// <param name="path">The file; null: none.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public HypervisorRing(string? path = null)
    {
        const int size = BytesAt + Capacity;
        if (path is not null && File.Exists(path) && new FileInfo(path).Length != size)
            File.Delete(path); // another version's, or nobody's
        _file = path is null ? MemoryMappedFile.CreateNew(null, size) : MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, size);
        _view = _file.CreateViewAccessor(0, size);
        _written = _view.ReadInt64(WrittenAt);
        _cleared = _view.ReadInt64(ClearedAt);
        IsContinued = _view.ReadUInt64(0) == Mark && _written > 0 && _cleared >= 0 && _cleared <= _written;
        if (IsContinued)
            return;
        _written = _cleared = 0;
        Note();
        _view.Write(0, Mark);
    }

    /// <summary>An earlier daemon has left it.</summary>
    public bool IsContinued { get; }

    /// <summary>Adds a line with the hypervisor's prefix.</summary>
    public void Say(string line) => Append($"(XEN) {line}\n");

    /// <summary>Adds text as it is.</summary>
    public void Append(string text)
    {
        StringBuilder visible = new(text.Length);
        foreach (char character in text)
        {
            if (char.IsControl(character) && character is not '\n' and not '\t')
                visible.Append("\\x").Append(((int)character).ToString("x2"));
            else
                visible.Append(character);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(visible.ToString());
        lock (_lock)
        {
            if (_isClosed)
                return; // a domain's last words to a daemon that is ending
            foreach (byte value in bytes)
                _view.Write(BytesAt + _written++ % Capacity, value);
            Note();
        }
    }

    /// <summary>What is in the buffer since it was last cleared.</summary>
    public string Read()
    {
        lock (_lock)
        {
            long from = Math.Max(_cleared, _written - Capacity);
            byte[] copy = new byte[_written - from];
            for (int index = 0; index < copy.Length; index++)
                copy[index] = _view.ReadByte(BytesAt + (from + index) % Capacity);

            // The oldest byte kept may be the middle of a character; a reader gets whole ones.
            int start = 0;
            while (start < copy.Length && (copy[start] & 0xc0) == 0x80)
                start++;
            return Encoding.UTF8.GetString(copy.AsSpan(start));
        }
    }

    /// <summary>Forgets what is there.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _cleared = _written;
            Note();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _view.Dispose();
            _file.Dispose();
        }
    }

    private void Note()
    {
        _view.Write(WrittenAt, _written);
        _view.Write(ClearedAt, _cleared);
    }
}
