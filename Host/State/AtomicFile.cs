namespace Hospes.Host.State;

/// <summary>Files that are replaced whole: whoever reads one, after whatever has happened, finds what it was or what it was to become.</summary>
internal static class AtomicFile
{
    /// <summary>What a file is called while it is written; it may be left over, and means nothing.</summary>
    public const string Unfinished = ".new";

    /// <summary>Gives a file this content, and returns when it is on the medium.</summary>
    /// <exception cref="IOException">It cannot be; the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void Replace(IStateFiles files, string path, ReadOnlySpan<byte> content)
    {
        using (IStateFile file = files.Create(path + Unfinished))
        {
            file.Write(0, content);
            file.Sync();
        }

        files.Move(path + Unfinished, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
