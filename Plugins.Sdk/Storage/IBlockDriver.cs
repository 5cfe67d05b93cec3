namespace Hospes.Sdk.Storage;

/// <summary>
/// A kind of disk. Works in two places: in the Host it says what a disk consists of; in the domain's process it opens the disk from what the Host has
/// opened, checked and handed over. A process opens no path by itself.
/// </summary>
public interface IBlockDriver
{
    /// <summary>
    /// Says which files a disk consists of, the disk's own first, then its parents. Called in the Host, on any thread. May look into files.
    /// </summary>
    /// <param name="parameters">What a person wrote after the driver's name: a path, mostly.</param>
    /// <param name="isWritable">The guest may write.</param>
    /// <param name="files">Opens what must be looked into; the driver disposes what it opened.</param>
    /// <exception cref="IOException">It cannot be a disk; the message is for the person who wrote it.</exception>
    IReadOnlyList<BlockSource> Plan(string parameters, bool isWritable, IBlockFiles files);

    /// <summary>Opens the disk. Called in the domain's process.</summary>
    /// <param name="files">The files of <see cref="Plan"/>, in order; they belong to the image from now on, also when this throws.</param>
    /// <param name="isWritable">The guest may write.</param>
    /// <exception cref="IOException">What they hold is no disk of this kind, or is damaged; the message says where.</exception>
    IBlockImage Open(IReadOnlyList<IBlockFile> files, bool isWritable);
}
