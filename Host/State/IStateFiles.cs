namespace Hospes.Host.State;

/// <summary>
/// The file system as far as state is kept in it: each member is one step that a power cut may come before, after or, for a write, within. Tests record
/// the steps and cut between them. All members throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IStateFiles
{
    /// <summary>A file's content; null: there is none.</summary>
    byte[]? Read(string path);

    /// <summary>Makes a file, empty if it was there, readable for its owner alone.</summary>
    IStateFile Create(string path);

    /// <summary>Gives a file another name in the same directory; what had that name is gone, in one step.</summary>
    void Move(string from, string to);

    /// <summary>Deletes a file, if it is there.</summary>
    void Delete(string path);

    /// <summary>Waits until the directory's names are on the medium.</summary>
    void SyncDirectory(string directory);
}
