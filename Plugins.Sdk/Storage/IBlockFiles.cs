namespace Hospes.Sdk.Storage;

/// <summary>Opens files for a driver that has to look into them.</summary>
public interface IBlockFiles
{
    /// <summary>Opens a file. Directories, FIFOs, sockets and the like are refused, without waiting for anybody.</summary>
    /// <exception cref="IOException">It cannot be opened; the message names it and says why.</exception>
    IBlockFile Open(BlockSource source);
}
