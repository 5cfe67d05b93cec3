using Hospes.Host.State;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>
/// A file system in memory that remembers each step, and can be asked what a medium would hold had the power been cut at any of them: with all that was
/// written before, or with nothing that was not waited for, and with or without the names that were given since a directory was last synchronised.
/// </summary>
internal sealed class RecordedFiles : IStateFiles
{
    private readonly List<Step> _steps = [];
    private int _files;

    private abstract record Step;

    private sealed record Made(string Path, int File) : Step;

    private sealed record Written(int File, long Offset, byte[] Bytes) : Step;

    private sealed record Synced(int File) : Step;

    private sealed record Moved(string From, string To) : Step;

    private sealed record Deleted(string Path) : Step;

    private sealed record NamesSynced : Step;

    /// <summary>How many steps there were.</summary>
    public int Count => _steps.Count;

    /// <summary>From now on every write fails, as on a full medium.</summary>
    public bool IsFull { get; set; }

    public byte[]? Read(string path) => After(_steps.Count).GetValueOrDefault(path);

    public IStateFile Create(string path)
    {
        _steps.Add(new Made(path, _files));
        return new OpenFile(this, _files++);
    }

    public void Move(string from, string to) => _steps.Add(new Moved(from, to));

    public void Delete(string path) => _steps.Add(new Deleted(path));

    public void SyncDirectory(string directory) => _steps.Add(new NamesSynced());

    /// <summary>The number of bytes that a step writes; 0: it is another kind of step.</summary>
    public int BytesOf(int step) => _steps[step] is Written written ? written.Bytes.Length : 0;

    /// <summary>The files after a power cut.</summary>
    /// <param name="steps">So many steps were made.</param>
    /// <param name="torn">So many bytes of the next, if that is a write.</param>
    /// <param name="keepsData">What was written and not waited for is there.</param>
    /// <param name="keepsNames">Names that were not waited for are there.</param>
    public Dictionary<string, byte[]> After(int steps, int torn = 0, bool keepsData = true, bool keepsNames = true)
    {
        Dictionary<int, byte[]> written = [];
        Dictionary<int, byte[]> synced = [];
        Dictionary<string, int> names = new(StringComparer.Ordinal);
        Dictionary<string, int> syncedNames = new(StringComparer.Ordinal);
        foreach (Step step in _steps.Take(steps).Concat(torn == 0 ? [] : [Torn((Written)_steps[steps], torn)]))
        {
            switch (step)
            {
                case Made made:
                    names[made.Path] = made.File;
                    written[made.File] = synced[made.File] = [];
                    break;
                case Written write:
                    byte[] content = written[write.File];
                    Array.Resize(ref content, Math.Max(content.Length, (int)write.Offset + write.Bytes.Length));
                    write.Bytes.CopyTo(content.AsSpan((int)write.Offset));
                    written[write.File] = content;
                    break;
                case Synced sync:
                    synced[sync.File] = [.. written[sync.File]];
                    break;
                case Moved move:
                    names[move.To] = names[move.From];
                    names.Remove(move.From);
                    break;
                case Deleted delete:
                    names.Remove(delete.Path);
                    break;
                case NamesSynced:
                    syncedNames = new(names, StringComparer.Ordinal);
                    break;
            }
        }

        return (keepsNames ? names : syncedNames).ToDictionary(
            static name => name.Key, name => (keepsData ? written : synced)[name.Value], StringComparer.Ordinal);
    }

    private static Written Torn(Written write, int bytes) => write with { Bytes = write.Bytes[..bytes] };

    private sealed class OpenFile(RecordedFiles files, int number) : IStateFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (files.IsFull)
            {
                files._steps.Add(new Written(number, offset, bytes[..(bytes.Length / 2)].ToArray()));
                throw new IOException("No space left on device");
            }

            files._steps.Add(new Written(number, offset, bytes.ToArray()));
        }

        public void Sync() => files._steps.Add(new Synced(number));

        public void Dispose()
        {
            // Closing changes nothing on the medium.
        }
    }
}
