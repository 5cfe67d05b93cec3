using Hospes.Host.Logging;
using Hospes.Host.Managed;

namespace Hospes.Host.Api;

/// <summary>Turns what goes wrong in a handler into an answer with a code and words. Anything unforeseen is an internal fault and is logged whole.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, KeptDomains kept, ILogger<FaultMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            log.Info($"{context.Request.Method} {context.Request.Path}: the client went away");
        }
        catch (XendException fault) when (fault.Code == XendError.InvalidDomain && kept.Find(fault.Message) is { } halted)
        {
            await AnswerAsync(context, XendError.Generic, $"Domain '{halted.Name}' is not started");
        }
        catch (XendException fault)
        {
            await AnswerAsync(context, fault.Code, fault.Message);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.Error($"{context.Request.Method} {context.Request.Path} failed", failure);
            await AnswerAsync(context, XendError.Internal, $"Internal fault in xend: {failure.Message} (see xm log)");
        }
    }

    private static async Task AnswerAsync(HttpContext context, XendError code, string message)
    {
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;
        context.Response.Clear();
        context.Response.StatusCode = code switch
        {
            XendError.InvalidDomain => StatusCodes.Status404NotFound,
            XendError.Generic => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };
        await context.WriteJsonAsync(new Fault((int)code, message), ApiJson.Default.Fault);
    }
}
