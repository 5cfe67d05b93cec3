namespace Hospes.Sdk.Storage;

/// <summary>What stands behind a range of a disk.</summary>
public enum BlockExtentKind
{
    /// <summary>To be had through the image alone.</summary>
    Unknown,

    /// <summary>Bytes of a file, as they are.</summary>
    Data,

    /// <summary>Nothing: it reads as zeroes.</summary>
    Zero,
}
