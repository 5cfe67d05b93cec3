namespace Hospes.Security.Acm.Resources;

/// <summary>What makes an object this one and no other, whatever it is called.</summary>
/// <param name="Place">Of a file its inode and birth, of a device what it says of itself.</param>
/// <param name="Device">The file system's number, which may be another after a boot; of a device empty.</param>
/// <param name="Mark">A random number that labelling has written to the file's extended attributes; null: it carries none, or cannot.</param>
internal sealed record ObjectIdentity(string Place, string Device, string? Mark)
{
    /// <summary>
    /// Whether they are the same. A mark alone does not do, copies may carry it, nor an inode alone, which is used again: where there is a mark both must be
    /// right, where there is none the file system too.
    /// </summary>
    public bool Is(ObjectIdentity other) => Place == other.Place && Mark == other.Mark && (Mark is not null || Device == other.Device);
}
