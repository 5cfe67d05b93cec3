namespace Hospes.Xm.Api;

/// <summary>xend understood the request and refused it.</summary>
internal sealed class XendFaultException(int code, string message) : Exception(message)
{
    /// <summary>The fault code for a domain that is not there; the message is then its name (fact sheet "xm", section 1.2).</summary>
    internal const int InvalidDomain = 3;

    public int Code { get; } = code;

    public bool IsUnknownDomain => Code == InvalidDomain;
}
