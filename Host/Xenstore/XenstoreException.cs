namespace Hospes.Host.Xenstore;

/// <summary>An in-process request to the store that failed: what was tried, on which path, and the protocol's name for why not.</summary>
public sealed class XenstoreException : Exception
{
    internal XenstoreException(XenstoreError error, string action, string path)
        : base($"xenstore: cannot {action} {path}: {error}")
    {
        Error = error;
        Path = path;
    }

    /// <summary>The protocol's error name.</summary>
    public XenstoreError Error { get; }

    /// <summary>The path as the caller gave it.</summary>
    public string Path { get; }
}
