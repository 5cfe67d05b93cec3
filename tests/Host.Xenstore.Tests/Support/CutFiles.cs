using Hospes.Host.State;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>What a power cut has left, to be opened again.</summary>
internal sealed class CutFiles(Dictionary<string, byte[]> left) : IStateFiles
{
    private readonly RecordedFiles _new = new();

    public byte[]? Read(string path) => left.GetValueOrDefault(path);

    public IStateFile Create(string path) => _new.Create(path);

    public void Move(string from, string to) => _new.Move(from, to);

    public void Delete(string path) => _new.Delete(path);

    public void SyncDirectory(string directory) => _new.SyncDirectory(directory);
}
