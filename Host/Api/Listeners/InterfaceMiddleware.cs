using System.Net;

namespace Hospes.Host.Api.Listeners;

/// <summary>
/// Lets each interface ask for what it is for. On TCP it also keeps web pages out that a person's browser shows: such a page can send requests to a
/// loopback address, but it cannot hide its origin, nor can a name that somebody else owns pass for an address of this machine.
/// </summary>
internal sealed class InterfaceMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        ApiInterface way = ApiListeners.InterfaceOf(context);
        bool isXmlRpc = context.Request.Path.StartsWithSegments(XmlRpc.XmlRpcHandlers.Path, StringComparison.Ordinal);
        bool isFor = way switch
        {
            ApiInterface.XmlRpc => isXmlRpc || context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal),
            ApiInterface.Http => !isXmlRpc,
            _ => true,
        };
        if (!isFor)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (context.Connection.LocalIpAddress is not null && ((context.Request.Headers.Origin.Count > 0 && !PolicyPages.IsItsOwn(context.Request)) || !IsPlain(context.Request.Host.Host)))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    }

    private static bool IsPlain(string host) =>
        host is "" or "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _) || string.Equals(host, Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
}
