namespace Hospes.Xm.Api;

/// <summary>Nobody answers at xend's socket.</summary>
internal sealed class XendUnreachableException(string reason, bool accessDenied, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>The system forbade the connection, which more rights would change.</summary>
    public bool AccessDenied { get; } = accessDenied;
}
