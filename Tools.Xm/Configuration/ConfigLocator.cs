using System.Text;

namespace Hospes.Xm.Configuration;

/// <summary>Finds configuration files: the name itself, then in each directory of a path.</summary>
internal sealed class ConfigLocator(string workingDirectory)
{
    /// <exception cref="ConfigException">There is none, or it cannot be read.</exception>
    public ConfigSource Find(string name, string searchPath)
    {
        IEnumerable<string> candidates = Path.IsPathRooted(name)
            ? [name]
            : searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(directory => directory != ".").Select(directory => Path.Combine(directory, name)).Prepend(name);
        foreach (string candidate in candidates)
        {
            if (File.Exists(Path.GetFullPath(candidate, workingDirectory)))
                return Read(candidate);
        }

        throw new ConfigException($"Unable to open config file: {name}");
    }

    /// <exception cref="ConfigException">It cannot be read.</exception>
    public ConfigSource Read(string path)
    {
        try
        {
            return new ConfigSource(path, ReadText(Path.GetFullPath(path, workingDirectory)));
        }
        catch (DecoderFallbackException failure)
        {
            throw new ConfigException($"Cannot read file {path}: it is not text in UTF-8 (byte {failure.Index})", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"Cannot read file {path}: {failure.Message}", failure);
        }
    }

    private static string ReadText(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] buffer = new byte[ConfigSource.MaximumBytes + 1];
        int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length == buffer.Length)
            throw new IOException($"it is larger than {ConfigSource.MaximumBytes} bytes");
        ReadOnlySpan<byte> text = buffer.AsSpan(0, length);
        if (text.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            text = text[3..];
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
    }
}
