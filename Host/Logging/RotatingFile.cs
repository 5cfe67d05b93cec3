using System.Text;

namespace Hospes.Host.Logging;

/// <summary>
/// A log file that is set aside when it has grown to a limit: NAME becomes NAME.1, that NAME.2 and so on, the oldest goes. A full disk loses lines,
/// never the daemon: the lines lost are counted and told when writing works again.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly long _limit;
    private readonly int _backups;
    private readonly Func<long, string> _lostLine;
    private FileStream? _file;
    private long _lost;

    /// <summary>Opens the file for appending.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes after which it is set aside.</param>
    /// <param name="backups">How many older files are kept.</param>
    /// <param name="lostLine">The line that says how many could not be written; null: a sentence.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RotatingFile(string path, long limit = 1 << 20, int backups = 5, Func<long, string>? lostLine = null)
    {
        _lostLine = lostLine ?? (static lost => $"({lost} lines could not be written here)");
        _path = path;
        _limit = limit;
        _backups = backups;
        _file = Open();
    }

    /// <summary>Appends a line.</summary>
    public void WriteLine(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            try
            {
                if (_file is { } full && full.Length > 0 && full.Length + bytes.Length > _limit)
                    Rotate();
                _file ??= Open();
                if (_lost > 0)
                    _file.Write(Encoding.UTF8.GetBytes($"{_lostLine(_lost)}\n"));
                _file.Write(bytes);
                _file.Flush();
                _lost = 0;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _lost++;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
            GC.SuppressFinalize(this);
        }
    }

    private void Rotate()
    {
        _file?.Dispose();
        _file = null;
        for (int number = _backups - 1; number >= 0; number--)
        {
            string older = number == 0 ? _path : $"{_path}.{number}";
            if (File.Exists(older))
                File.Move(older, $"{_path}.{number + 1}", overwrite: true);
        }
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
