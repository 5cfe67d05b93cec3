using System.Net;

namespace Hospes.Host.Tests.Support;

/// <summary>A fault that the API answered with.</summary>
internal sealed class FaultException(HttpStatusCode status, int code, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public int Code { get; } = code;
}
