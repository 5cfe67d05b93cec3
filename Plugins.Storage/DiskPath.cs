namespace Hospes.Storage;

/// <summary>Paths as people write them after a driver's name.</summary>
internal static class DiskPath
{
    /// <summary>An absolute path.</summary>
    /// <exception cref="IOException">It is none; a relative one would mean another file to each process.</exception>
    public static string Absolute(string text)
    {
        if (text.Length == 0)
            throw new IOException("The disk names no path.");
        return Path.IsPathFullyQualified(text) ? Path.GetFullPath(text) : throw new IOException($"The path '{text}' is not absolute.");
    }
}
