namespace Hospes.Xm.Api;

/// <summary>What came back is not an HTTP reply, or ended too early.</summary>
internal sealed class MalformedReplyException(string message) : Exception(message);
