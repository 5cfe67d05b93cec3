using Hospes.Host.Logging;
using Hospes.Host.Managed;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>
/// The legacy XML-RPC interface (fact sheet "xend", section 3.1). Example: <c>xmlrpc.client.ServerProxy(...).xend.domain.pause("web")</c>. What goes wrong
/// is a fault with xend's codes, never a status of HTTP.
/// </summary>
internal sealed class XmlRpcHandlers(XmlRpcMethods methods, KeptDomains kept, ILogger<XmlRpcHandlers> log)
{
    /// <summary>Where calls are posted to.</summary>
    public const string Path = "/RPC2";

    public async Task CallAsync(HttpContext context)
    {
        byte[] answer = await AnswerAsync(context);
        context.Response.ContentType = "text/xml";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<byte[]> AnswerAsync(HttpContext context)
    {
        string method = "?";
        try
        {
            XmlRpcCall call = XmlRpcReader.Read(await context.ReadTextAsync());
            method = call.Method;
            return XmlRpcWriter.Result(await methods.CallAsync(call, context.RequestAborted));
        }
        catch (XendException refused) when (refused.Code == XendError.InvalidDomain && kept.Find(refused.Message) is { } halted)
        {
            return XmlRpcWriter.Fault(XendError.Generic, $"Domain '{halted.Name}' is not started");
        }
        catch (XendException refused)
        {
            return XmlRpcWriter.Fault(refused.Code, refused.Message);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException))
        {
            log.Error($"XML-RPC {method} failed", failure);
            return XmlRpcWriter.Fault(XendError.Internal, $"Internal fault in xend: {failure.Message} (see xm log)");
        }
    }
}
