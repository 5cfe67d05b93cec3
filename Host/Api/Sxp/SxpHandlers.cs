using System.Net;
using Hospes.Host.Api.Legacy;
using Hospes.Host.Managed;
using Hospes.Sxp;

namespace Hospes.Host.Api.Sxp;

/// <summary>
/// The HTTP and SXP interface (fact sheet "xend", section 3.2): <c>GET /xend/domain/web</c> answers the domain's form, <c>POST</c> with <c>op=pause</c> does
/// something to it. Browsers get the same as a page.
/// </summary>
internal sealed class SxpHandlers(LegacyOperations legacy, SxpOperations operations, KeptDomains kept)
{
    private const string MediaType = "application/sxp";

    /// <summary>Maps the routes; each with and without a slash at its end, and a fallback for what is not there.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "/xend", static (handlers, context) => handlers.WriteAsync(context, new SxpList("ls", "node", "domain")));
        Get(routes, "/xend/node", static (handlers, context) => handlers.NodeAsync(context));
        Get(routes, "/xend/node/dmesg", static (handlers, context) => context.WriteTextAsync(handlers.Legacy.Messages()));
        Get(routes, "/xend/node/log", static (handlers, context) => context.WriteTextAsync(handlers.Legacy.Log()));
        Get(routes, "/xend/domain", static (handlers, context) => handlers.ListAsync(context));
        Get(routes, "/xend/domain/{ref}", static (handlers, context) => handlers.DomainAsync(context));
        routes.MapPost("/xend/node/dmesg", Handle(static (handlers, context) => handlers.PostAsync(context, handlers.Operations.Messages)));
        routes.MapPost("/xend/node", Handle(static (handlers, context) => handlers.PostAsync(context, handlers.Operations.Node)));
        routes.MapPost("/xend/domain", Handle(static (handlers, context) => handlers.PostAsync(context, handlers.Operations.Domains)));
        routes.MapPost("/xend/domain/{ref}", Handle(static (handlers, context) => handlers.PostAsync(context, handlers.Operations.Domain)));
        routes.MapFallback("/xend/{**rest}", Handle(static (handlers, context) =>
            handlers.ErrorAsync(context, StatusCodes.Status404NotFound, $"There is nothing at {context.Request.Path}")));
    }

    private LegacyOperations Legacy => legacy;

    private SxpOperations Operations => operations;

    private static void Get(IEndpointRouteBuilder routes, string path, Func<SxpHandlers, HttpContext, Task> work) => routes.MapGet(path, Handle(work));

    private static RequestDelegate Handle(Func<SxpHandlers, HttpContext, Task> work) => async context =>
    {
        SxpHandlers handlers = context.RequestServices.GetRequiredService<SxpHandlers>();
        try
        {
            await work(handlers, context);
        }
        catch (XendException refused)
        {
            string text = refused.Code != XendError.InvalidDomain ? refused.Message
                : handlers.IsHalted(refused.Message) ? $"Domain '{refused.Message}' is not started" : $"Domain '{refused.Message}' does not exist.";
            await handlers.ErrorAsync(context, refused.Code == XendError.InvalidDomain ? StatusCodes.Status404NotFound : StatusCodes.Status500InternalServerError, text);
        }
    };

    private bool IsHalted(string name) => kept.Find(name) is not null;

    private Task NodeAsync(HttpContext context) => WriteAsync(
        context, new SxpList([new SxpAtom("node"), .. legacy.Node().Select(static fact => new SxpList(fact.Key, fact.Value))]));

    private Task ListAsync(HttpContext context)
    {
        IReadOnlyList<SxpList> forms = legacy.Forms(context.Request.Query["state"].FirstOrDefault() ?? "running", full: false);
        return context.Request.Query["detail"] == "1"
            ? WriteAsync(context, [.. forms])
            : WriteAsync(context, new SxpList([.. forms.Select(static form => (SxpNode)form.ValueText("name")!)]));
    }

    private Task DomainAsync(HttpContext context)
    {
        string reference = context.DomainReference();
        return context.Request.Query["op"] == "vcpuinfo" ? WriteAsync(context, legacy.Vcpus(reference)) : WriteAsync(context, legacy.Form(reference));
    }

    private async Task PostAsync(HttpContext context, IReadOnlyDictionary<string, SxpOperation> known)
    {
        SxpArguments arguments = new(await context.ReadTextAsync());
        string[] words = arguments.All("op");
        if (words is not [string word])
        {
            await ErrorAsync(context, StatusCodes.Status406NotAcceptable, words.Length == 0 ? "There is no op" : "There is more than one op");
            return;
        }

        if (!known.TryGetValue(word, out SxpOperation? operation))
        {
            await ErrorAsync(context, StatusCodes.Status501NotImplemented, $"Operation not implemented: {word}");
            return;
        }

        SxpNode? answer = await operation(context, arguments);
        await WriteAsync(context, answer switch
        {
            null => [],
            SxpList list => [list],
            _ => [new SxpList(answer)],
        });
    }

    private Task WriteAsync(HttpContext context, params SxpList[] forms)
    {
        string text = string.Concat(forms.Select(static form => SxpPrinter.Pretty(form)));
        return WantsForms(context) ? Send(context, MediaType, text) : Send(context, "text/html; charset=utf-8", $"<html><head><title>xend</title></head><body><pre>{WebUtility.HtmlEncode(text)}</pre></body></html>\n");
    }

    private Task ErrorAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new SxpList("xend.err", text));
    }

    private static Task Send(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    // Programs of the time said no User-Agent, or what they take; browsers say both, and not this.
    private static bool WantsForms(HttpContext context) => context.Request.Headers.UserAgent.Count == 0 || context.Request.Headers.Accept.Count == 0
        || context.Request.Headers.Accept.ToString().Contains(MediaType, StringComparison.OrdinalIgnoreCase);
}
