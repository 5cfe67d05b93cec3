namespace Hospes.TestKit.Storage;

/// <summary>One thing done to a file.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Where; of a new length, the length.</param>
/// <param name="Bytes">What was written.</param>
/// <param name="Length">Of zeroes, how many.</param>
public sealed record FileEvent(FileEventKind Kind, long Offset, byte[] Bytes, long Length);
