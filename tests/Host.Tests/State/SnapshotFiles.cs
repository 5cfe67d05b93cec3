using Hospes.Host.State;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.State;

/// <summary>The real file system, which keeps a copy of a directory as it is before each step: what a power cut at that moment would leave.</summary>
internal sealed class SnapshotFiles(string directory, TemporaryDirectory copies) : IStateFiles
{
    private readonly StateFiles _files = new();

    /// <summary>The copies, in order.</summary>
    public List<string> Snapshots { get; } = [];

    public byte[]? Read(string path) => _files.Read(path);

    public IStateFile Create(string path)
    {
        Keep();
        return new Snapped(_files.Create(path), this);
    }

    public void Move(string from, string to)
    {
        Keep();
        _files.Move(from, to);
    }

    public void Delete(string path)
    {
        Keep();
        _files.Delete(path);
    }

    public void SyncDirectory(string path)
    {
        Keep();
        _files.SyncDirectory(path);
    }

    /// <summary>Keeps what is there now.</summary>
    public void Keep()
    {
        string copy = copies.File($"cut{Snapshots.Count}");
        Directory.CreateDirectory(copy);
        foreach (string each in Directory.EnumerateDirectories(directory))
        {
            string domain = Path.Combine(copy, Path.GetFileName(each));
            Directory.CreateDirectory(domain);
            foreach (string file in Directory.EnumerateFiles(each))
                File.Copy(file, Path.Combine(domain, Path.GetFileName(file)));
        }

        Snapshots.Add(copy);
    }

    private sealed class Snapped(IStateFile file, SnapshotFiles all) : IStateFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            // Half of it is there, and then it ends.
            file.Write(offset, bytes[..(bytes.Length / 2)]);
            all.Keep();
            file.Write(offset, bytes);
        }

        public void Sync()
        {
            all.Keep();
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
