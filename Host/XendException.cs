namespace Hospes.Host;

/// <summary>A fault that a client is told: its code and its words for the person who asked.</summary>
internal sealed class XendException(XendError code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The kind of fault.</summary>
    public XendError Code { get; } = code;

    /// <summary>The request cannot be done.</summary>
    public static XendException Generic(string message, Exception? cause = null) => new(XendError.Generic, message, cause);

    /// <summary>There is no such domain.</summary>
    public static XendException NoSuchDomain(string reference) => new(XendError.InvalidDomain, reference);
}
