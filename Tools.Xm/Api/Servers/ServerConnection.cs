namespace Hospes.Xm.Api.Servers;

/// <summary>One connection to xend, for one request and its reply.</summary>
/// <param name="stream">Bytes both ways.</param>
/// <param name="abort">Ends it from another thread: who reads sees the end.</param>
/// <param name="explain">What is known of why it ended early, or null.</param>
internal sealed class ServerConnection(Stream stream, Action abort, Func<string?>? explain = null) : IDisposable
{
    public Stream Stream => stream;

    /// <summary>Gives it up; the other thread sees a reply that ends too early.</summary>
    public void Abort() => abort();

    /// <summary>Why there was no reply, if something between here and xend has said so.</summary>
    public string? Explanation() => explain?.Invoke();

    public void Dispose() => stream.Dispose();
}
