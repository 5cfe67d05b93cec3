using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Files;

/// <summary>Files that are replaced whole: new file, fsync, rename. After a power cut there is the old one or the new one.</summary>
internal static class DurableFile
{
    private const string Unfinished = ".new";

    /// <summary>Gives a file this content.</summary>
    /// <exception cref="SecurityPolicyException">It cannot be written; it is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool isPrivate)
    {
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (isPrivate ? 0 : UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(path + Unfinished); // whatever it is, also a link that somebody has put there
            using (FileStream file = new(path + Unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(path + Unfinished, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecurityPolicyException($"A file access error occurred: {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>A file's content; null: there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">So many bytes at most are read of it.</param>
    /// <exception cref="SecurityPolicyException">It cannot be read, or is longer.</exception>
    public static byte[]? Read(string path, int most)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > most)
                throw new SecurityPolicyException($"{path} is too long: {file.Length} bytes, at most {most} are read.");
            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecurityPolicyException($"A file access error occurred: {path} cannot be read: {failure.Message}", failure);
        }
    }
}
